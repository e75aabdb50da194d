"""Reads the XML half of OpenVINO IR, versions 2 to 11, as a network; weights stay in the .bin."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from core.model.graph import Dimension
from core.model.onnx_file import broken, unreadable
from core.readers.openvino_net import Blob, Body, Net, Op, Port, dtype_of
from core.readers.xml_events import BrokenXml, events

_PLACES = frozenset({"offset", "size", "element_type", "shape"})
"""Attributes of a constant that say where it lies and not what it is."""
_BITS = {"float64": 64, "int64": 64, "float16": 16, "bfloat16": 16, "int8": 8, "uint8": 8}
_MOST_FACTS = 200


def read_xml(path: Path) -> Net:
    """Raises InputError for a file that is damaged or cannot be read."""
    try:
        with path.open("rb") as file:
            return _Reader().read(events(file))
    except OSError as error:
        raise unreadable(path, error) from error
    except (BrokenXml, ValueError, KeyError) as error:
        why = str(error) if isinstance(error, BrokenXml) else f"A part of it is missing: {error}."
        raise broken(path, why) from error


class _Reader:
    """Turns each outermost layer into an Op as soon as it ends, so that memory stays small."""

    def __init__(self) -> None:
        self._ops: list[Op] = []
        self._edges: list[tuple[tuple[str, str], tuple[str, str]]] = []
        self._facts: dict[str, str] = {}
        self._layers = 0
        """Layers around the place that is being read."""

    def read(self, elements: Iterator[tuple[bool, Element]]) -> Net:
        root: Element | None = None
        for starts, element in elements:
            if starts:
                root = element if root is None else root
                self._layers += element.tag == "layer"
                continue
            self._layers -= element.tag == "layer"
            if self._layers == 0:
                self._ended(element)
        if root is None or root.tag != "net":
            raise BrokenXml("Its first element is not “net”.")
        version = root.get("version", "")
        producer = self._facts.get("Runtime_version") or self._facts.get("MO_version", "")
        name = root.get("name", "")
        return Net(self._ops, self._edges, name, version, producer, self._facts)

    def _ended(self, element: Element) -> None:
        if element.tag == "layer":
            self._ops.append(_op(element))
        elif element.tag == "edge":
            self._edges.append(_edge(element))
        elif element.tag in ("rt_info", "meta_data"):
            self._facts.update(_facts(element))
        else:
            return
        element.clear()


def _op(layer: Element) -> Op:
    name, kind = layer.get("name", ""), layer.get("type", "")
    data = layer.find("data")
    attributes = dict(data.attrib) if data is not None else {}
    precision = layer.get("precision", "")
    inputs, outputs = (_ports(layer.find(way), precision) for way in ("input", "output"))
    blobs = tuple(_blobs(name, attributes, outputs, layer))
    if kind == "Const":
        attributes = {key: text for key, text in attributes.items() if key not in _PLACES}
    return Op(
        id=layer.attrib["id"],
        name=name,
        type=kind,
        opset=layer.get("version", ""),
        attributes=attributes | _notes(layer),
        inputs=inputs,
        outputs=outputs,
        blobs=blobs,
        bodies=tuple(_bodies(layer)),
    )


def _notes(layer: Element) -> dict[str, str]:
    """What OpenVINO noted about a layer, such as the names of those that were fused into it."""
    found = layer.findall("rt_info/attribute")
    return {entry.get("name", ""): entry.get("value", "true") for entry in found}


def _ports(element: Element | None, precision: str) -> tuple[Port, ...]:
    if element is None:
        return ()
    return tuple(
        Port(
            id=port.get("id", ""),
            dtype=dtype_of(port.get("precision", precision)),
            shape=tuple(_dimension(dim.text) for dim in port.findall("dim")),
            names=tuple(_names(port.get("names", ""))),
        )
        for port in element.findall("port")
    )


def _names(text: str) -> Iterator[str]:
    """Names stand between commas; a comma within a name has a backslash before it."""
    parts = text.replace("\\,", "\0").split(",")
    return (part.replace("\0", ",") for part in parts if part)


def _dimension(text: str | None) -> Dimension:
    """A size; None for a free one, a range among them."""
    return int(text) if text is not None and text.strip().isdecimal() else None


def _blobs(
    name: str, data: dict[str, str], outputs: tuple[Port, ...], layer: Element
) -> Iterator[Blob]:
    """A constant's numbers; before version 10 a layer had its weights in “blobs”."""
    if "offset" in data and "size" in data:
        shape = outputs[0].shape if outputs else None
        fixed = None if shape is None else tuple(s for s in shape if isinstance(s, int))
        dtype = dtype_of(data["element_type"]) if "element_type" in data else outputs[0].dtype
        yield Blob(name, dtype, fixed, int(data["offset"]), int(data["size"]))
    older = [*layer.findall("blobs/*"), *layer.findall("weights"), *layer.findall("biases")]
    for blob in older:
        dtype = dtype_of(blob.get("precision", layer.get("precision", "FP32")))
        size = int(blob.get("size", "0"))
        shape = (size * 8 // _BITS.get(dtype, 32),)
        whole = layer.get("type") == "Const" and outputs
        fixed = tuple(s for s in outputs[0].shape or () if isinstance(s, int)) if whole else shape
        title = name if whole else f"{name}/{blob.tag}"
        yield Blob(title, dtype, fixed, int(blob.get("offset", "0")), size)


def _bodies(layer: Element) -> Iterator[Body]:
    for role, ports in (
        ("body", "port_map"),
        ("then_body", "then_port_map"),
        ("else_body", "else_port_map"),
    ):
        element = layer.find(role)
        if element is None:
            continue
        wiring = layer.find(ports)
        inputs = [] if wiring is None else wiring.findall("input")
        outputs = [] if wiring is None else wiring.findall("output")
        around = layer.findall("back_edges/edge")
        results = [entry.get("internal_layer_id", "") for entry in outputs]
        results += [entry.get("from-layer", "") for entry in around]
        yield Body(
            role=role,
            net=Net(
                [_op(inner) for inner in element.findall("layers/layer")],
                [_edge(inner) for inner in element.findall("edges/edge")],
            ),
            inputs=[
                (entry.get("external_port_id", ""), entry.get("internal_layer_id", ""))
                for entry in inputs
            ],
            results=list(dict.fromkeys(results)),
        )


def _edge(element: Element) -> tuple[tuple[str, str], tuple[str, str]]:
    at = element.attrib
    return (at["from-layer"], at["from-port"]), (at["to-layer"], at["to-port"])


def _facts(element: Element) -> dict[str, str]:
    """What the converter wrote about the whole model: every value by its name."""
    found: dict[str, str] = {}
    for entry in element.iter():
        value = entry.get("value")
        if value is not None and len(found) < _MOST_FACTS:
            found[entry.get("name", entry.tag)] = value
    return found
