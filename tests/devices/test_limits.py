from pathlib import Path

from core.devices.limits import memory_limit, processor_limit


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_that_a_quota_of_version_2_is_rounded_up_to_whole_processors(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/app.slice/job\n",
            "sys/fs/cgroup/app.slice/job/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/app.slice/job/memory.max": "1073741824\n",
        },
    )

    assert processor_limit(root) == 2
    assert memory_limit(root) == 1 << 30


def test_that_the_tightest_of_the_groups_around_counts(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/a/b\n",
            "sys/fs/cgroup/a/cpu.max": "100000 100000\n",
            "sys/fs/cgroup/a/b/cpu.max": "400000 100000\n",
            "sys/fs/cgroup/a/memory.max": "max\n",
            "sys/fs/cgroup/a/b/memory.max": "4096\n",
        },
    )

    assert processor_limit(root) == 1
    assert memory_limit(root) == 4096


def test_that_version_1_is_read_where_a_container_sees_the_hosts_path(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "3:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "2147483648\n",
        },
    )

    assert processor_limit(root) == 4
    assert memory_limit(root) == 2 << 30


def test_that_no_limit_is_no_limit(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "3:cpu:/\n4:memory:/\n0::/\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/cpu.max": "max 100000\n",
        },
    )

    assert processor_limit(root) is None
    assert memory_limit(root) is None
    assert processor_limit(tmp_path / "elsewhere") is None
