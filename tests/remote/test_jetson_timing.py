from collections.abc import Iterator
from pathlib import Path

import pytest

from core.benchmark.statistics import ratio
from core.errors import BoardRestarted, ConnectionLost, UserError
from core.remote.connection import Connection, connect
from core.remote.jetson_bench import JetsonBench
from core.remote.jetson_conditions import read_conditions
from core.remote.jetson_power import PowerWish
from core.remote.jetson_timing import EngineContender
from tests.fake_tools.jetson import FakeJetson, fake_jetson
from tests.remote.jetson_work import F16, F32, SETTINGS, built, contender, timed


@pytest.fixture(scope="module")
def prepared(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path
) -> Iterator[tuple[FakeJetson, list[EngineContender]]]:
    """A board with two engines of one model, FP32 and FP16."""
    folder = tmp_path_factory.mktemp("jetson")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        with fake_jetson(folder, "orin-nano-jetpack-6.2") as started:
            with connect(started.board) as opened:
                engines = built(opened, tiny_model, {"f32": F32, "f16": F16})
            yield started, engines


@pytest.fixture
def fake(prepared: tuple[FakeJetson, list[EngineContender]]) -> Iterator[FakeJetson]:
    """As good as new."""
    started, _ = prepared
    script = dict(started.script)
    started.change(inferences=100)
    (started.root / "state/runs").unlink(missing_ok=True)
    yield started
    started.script = script
    started.write_script()


@pytest.fixture
def engines(prepared: tuple[FakeJetson, list[EngineContender]]) -> list[EngineContender]:
    return prepared[1]


@pytest.fixture
def connection(fake: FakeJetson) -> Iterator[Connection]:
    with connect(fake.board) as opened:
        yield opened


@pytest.fixture
def broken(engines: list[EngineContender]) -> Iterator[None]:
    """The first engine was built by another version."""
    file = Path(engines[0].record.file)
    sound = file.read_text()
    file.write_text('{"number": 8201, "model": "", "flags": []}')
    yield
    file.write_text(sound)


def test_that_a_jetson_gives_results_like_every_device(tiny_model: Path, tmp_path: Path) -> None:
    with fake_jetson(tmp_path, "thor-jetpack-7.1") as fake, connect(fake.board) as connection:
        mode = fake.script["modes"][0]["name"]
        bench = JetsonBench(
            connection=connection,
            wish=PowerWish(mode=mode, hold_clocks=True),
            timing=SETTINGS,
        )
        results, samples = bench.measure(
            [contender(tiny_model, "f32"), contender(tiny_model, "f16")]
        )

    f32, f16 = results
    assert f32.latency_ms.value == pytest.approx(10, rel=0.01)
    assert f16.latency_ms.low <= 5 <= f16.latency_ms.high * 1.005
    assert f16.throughput == pytest.approx(200, rel=0.01)
    assert f16.p99_ms is not None
    assert f16.provenance.runtime_version == fake.script["trtexec"]
    assert f16.provenance.device.name == "My Jetson"
    assert f16.first_ms is None
    assert f16.peak_memory_bytes is not None
    verdict = ratio(samples, "f16", "f32")
    assert verdict.verdict == "faster"
    assert verdict.ratio.value == pytest.approx(0.5, rel=0.01)
    energy = f16.energy
    assert energy is not None
    assert energy.power_mode == mode
    assert energy.joules is not None
    assert fake.script["idle_watts"] * 0.005 < energy.joules.value
    assert energy.joules.value < fake.script["busy_watts"] * 0.005 * 1.02
    assert energy.idle_watts == pytest.approx(fake.script["idle_watts"], rel=0.02)
    assert energy.trace is not None
    assert 0 < len(energy.trace.readings) <= 600
    assert energy.celsius_highest is not None
    assert energy.celsius_before is not None
    assert energy.celsius_highest > energy.celsius_before
    assert energy.unread == ("how busy the GPU is",)


def test_that_a_run_in_which_the_board_was_slowed_down_is_left_out_and_said(
    fake: FakeJetson, connection: Connection, engines: list[EngineContender]
) -> None:
    fake.change(slowed_in_runs=[3])

    times = timed(connection, engines)

    assert times.slowed is True
    assert times.samples.rounds == 4
    assert times.samples.rounds_left_out == 1
    assert times.samples.disturbance == "the processor’s temperature changed"
    assert not times.samples.disturbed


def test_that_a_board_that_is_busy_all_the_time_gives_no_verdict(
    fake: FakeJetson, connection: Connection, engines: list[EngineContender]
) -> None:
    fake.change(always_working=True)

    times = timed(connection, engines)

    assert times.samples.disturbed
    assert ratio(times.samples, "f16", "f32").words == "cannot tell: the machine was busy"


@pytest.mark.parametrize("run", [1, 4, 6])
def test_that_a_restart_meanwhile_voids_everything(
    run: int, fake: FakeJetson, connection: Connection, engines: list[EngineContender]
) -> None:
    fake.change(restarts_in_runs=[run])

    with pytest.raises(BoardRestarted) as told:
        timed(connection, engines)

    assert "nothing of this measurement is used" in told.value.why


def test_that_a_cable_that_is_pulled_meanwhile_gives_no_figure(
    fake: FakeJetson, engines: list[EngineContender]
) -> None:
    def pull(done: float, total: float, text: str) -> None:
        if done == 2:
            fake.pull_cable()

    with pytest.raises(ConnectionLost), connect(fake.board) as connection:
        timed(connection, engines, progress=pull)


def test_that_an_engine_that_does_not_load_is_left_out_and_the_others_stand(
    broken: None, connection: Connection, engines: list[EngineContender]
) -> None:
    times = timed(connection, engines)

    assert set(times.engines) == {"f16"}
    assert "Version tag does not match" in times.samples.failures["f32"]


def test_that_the_failure_is_raised_when_none_can_be_timed(
    broken: None, connection: Connection, engines: list[EngineContender]
) -> None:
    with pytest.raises(UserError, match="Build the engine anew"):
        timed(connection, engines[:1])


def test_that_times_that_trtexec_calls_unstable_are_not_called_steady(
    fake: FakeJetson, connection: Connection, tiny_model: Path
) -> None:
    fake.change(unstable=True)
    bench = JetsonBench(connection=connection, timing=SETTINGS)

    (result,), _ = bench.measure([contender(tiny_model)])

    assert not result.steady
    assert any("coefficient of variance" in warning for warning in result.warnings)


def test_that_a_precision_the_board_does_not_have_is_refused_with_those_it_has(
    connection: Connection, tiny_model: Path
) -> None:
    bench = JetsonBench(connection=connection, timing=SETTINGS)

    with pytest.raises(UserError, match="f16"):
        bench.measure([contender(tiny_model, "f64")])


def test_that_a_clock_that_the_kernel_claims_and_the_hardware_denies_is_said() -> None:
    lying = read_conditions({"boot": "a", "clocks": "2601000 649000\n2601000 649000"})
    honest = read_conditions({"boot": "a", "clocks": "1497600 1497600"})

    assert "2601 MHz" in lying.mismatch
    assert "649 MHz" in lying.mismatch
    assert honest.mismatch == ""


def test_that_braking_is_only_what_slows_processors_down() -> None:
    fan = read_conditions({"brakes": "pwm-fan 3\ngpu-throttle-alert 0"})
    hot = read_conditions({"brakes": "pwm-fan 3\ngpu-throttle-alert 1"})
    unknown = read_conditions({})

    assert (fan.braking, hot.braking, unknown.braking) == (False, True, None)
    assert unknown.slowed_since(unknown) is None
    assert hot.slowed_since(fan) is True


def test_that_counted_events_are_seen_when_they_rise() -> None:
    before, after = (read_conditions({"events": f"0\n{count}"}) for count in (4, 5))

    assert after.slowed_since(before) is True
    assert before.slowed_since(before) is False
