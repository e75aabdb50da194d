"""Follows TorchScript code as text and notes the operations that it would do."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.pytorch_files.script_calls import (
    SPECIAL,
    attribute_named,
    dotted_name,
    ends_in_error,
    item_of,
    known_answer,
)
from core.pytorch_files.script_code import ScriptCode
from core.pytorch_files.script_folding import folded
from core.pytorch_files.script_notes import Notes
from core.pytorch_files.script_values import (
    NOTHING,
    UNKNOWN,
    Code,
    Flow,
    Held,
    Known,
    Module,
    ScriptValue,
    Several,
    TooLarge,
    flat,
    is_known,
)

_MOST_STEPS = 3_000_000
_DEEPEST = 40
"""Calls in calls; real models have ten."""


_ROOTS = frozenset({"torch", "ops", "__torch__"})


class _Scope(NamedTuple):
    """Where the code that is followed belongs."""

    path: tuple[str, ...]
    depth: int


@dataclass
class _Frame:
    """The variables of one function while it is followed."""

    names: dict[str, ScriptValue]
    scope: _Scope
    result: ScriptValue | None = None


@dataclass
class Drawing:
    """Takes note of operations in the order in which the code does them."""

    code: ScriptCode
    constants: ScriptValue
    notes: Notes = field(default_factory=Notes)
    _steps: int = 0

    def follow_method(
        self, module: Module, method: str, arguments: Sequence[ScriptValue], depth: int = 0
    ) -> ScriptValue:
        """What a method gives; its operations are noted. Raises TooLarge."""
        known = self.code.classes.get(module.class_name)
        function = known.methods.get(method) if known else None
        if function is None:
            return self.notes.add(f"{module.class_name}.{method}", module.path, arguments, {})
        scope = _Scope(module.path, depth + 1)
        return self._follow(function, [module, *arguments], {}, scope)

    def _follow(
        self,
        function: ast.FunctionDef,
        arguments: Sequence[ScriptValue],
        keywords: Mapping[str, ScriptValue],
        scope: _Scope,
    ) -> ScriptValue:
        if scope.depth > _DEEPEST:
            raise TooLarge("its functions call each other without end")
        names = [argument.arg for argument in function.args.args]
        given = {**dict(zip(names, arguments, strict=False)), **keywords}
        frame = _Frame(given, scope)
        for name, default in zip(names[::-1], function.args.defaults[::-1], strict=False):
            if name not in given:
                given[name] = self._value(default, frame)
        self._body(function.body, frame)
        return NOTHING if frame.result is None else frame.result

    # statements

    def _body(self, body: Sequence[ast.stmt], frame: _Frame) -> None:
        for statement in body:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise TooLarge("its code is endless")
            self._statement(statement, frame)
            if frame.result is not None:
                return

    def _statement(self, statement: ast.stmt, frame: _Frame) -> None:
        match statement:
            case ast.Assign(targets=[target], value=value):
                self._assign(target, self._value(value, frame), frame)
            case ast.Return(value=value):
                frame.result = NOTHING if value is None else self._value(value, frame)
            case ast.Expr(value=value):
                self._value(value, frame)
            case ast.If():
                self._branch(statement, frame)
            case ast.For() | ast.While():
                self._loop(statement, frame)
            case ast.With(body=body):
                self._body(body, frame)
            case _:
                pass

    def _assign(self, target: ast.expr, value: ScriptValue, frame: _Frame) -> None:
        match target:
            case ast.Name(id=name):
                frame.names[name] = value
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                items = value.items if isinstance(value, Several) else [value] * len(targets)
                for each, item in zip(targets, items, strict=False):
                    self._assign(each, item, frame)
            case _:
                pass

    def _branch(self, statement: ast.If, frame: _Frame) -> None:
        condition = self._value(statement.test, frame)
        if isinstance(condition, Known):
            self._body(statement.body if condition.value else statement.orelse, frame)
        elif ends_in_error(statement.body):
            self._body(statement.orelse, frame)
        elif ends_in_error(statement.orelse):
            self._body(statement.body, frame)
        else:
            sides = [self._aside(body, frame) for body in (statement.body, statement.orelse)]
            self._join("if", [condition], sides, frame)

    def _loop(self, statement: ast.For | ast.While, frame: _Frame) -> None:
        """The body is drawn once; what it changes comes out of one operation “loop”."""
        if isinstance(statement, ast.For):
            bound = self._value(statement.iter, frame)
            self._assign(statement.target, UNKNOWN, frame)
        else:
            bound = self._value(statement.test, frame)
        once = self._aside(statement.body, frame)
        before = _Frame(dict(frame.names), frame.scope)
        self._join("loop", [bound], [before, once], frame)

    def _aside(self, body: Sequence[ast.stmt], frame: _Frame) -> _Frame:
        side = _Frame(dict(frame.names), frame.scope)
        self._body(body, side)
        return side

    def _join(
        self, kind: str, first: list[ScriptValue], sides: Sequence[_Frame], frame: _Frame
    ) -> None:
        """One operation for each variable that differs from side to side."""
        a, b = sides
        for name in [
            name for name in a.names if name in b.names
        ]:  # others are not used behind the branch
            one, other = a.names[name], b.names[name]
            same = one is other or one == other
            frame.names[name] = one if same else self._choice(kind, [*first, one, other], frame)
        if a.result is not None and b.result is not None:
            frame.result = self._choice(kind, [*first, a.result, b.result], frame)

    def _choice(self, kind: str, values: Sequence[ScriptValue], frame: _Frame) -> ScriptValue:
        """What comes out where values depend on the first one."""
        if any(isinstance(value, Flow | Held) for value in flat(values[1:])):
            return self.notes.add(f"torch.ops.prim.{kind}", frame.scope.path, values, {})
        return UNKNOWN

    # expressions

    def _value(self, node: ast.expr, frame: _Frame) -> ScriptValue:
        self._steps += 1
        match node:
            case ast.Constant(value=value):
                found: ScriptValue = Known(value)
            case ast.Name(id=name):
                found = frame.names.get(name, UNKNOWN)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                found = Several([self._value(item, frame) for item in items])
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                found = folded("neg", [self._value(operand, frame)])
            case ast.Attribute(value=ast.Name(id="CONSTANTS"), attr=name):
                found = self._constant(name)
            case ast.Attribute() if (dotted := dotted_name(node)) in self.code.functions:
                found = Code(dotted)
            case ast.Attribute(value=owner, attr=name):
                found = attribute_named(self._value(owner, frame), name)
            case ast.Subscript(value=value, slice=index):
                found = item_of(self._value(value, frame), self._value(index, frame))
            case ast.Call():
                found = self._call(node, frame)
            case _:
                found = self._composed(node, frame)
        return found

    def _composed(self, node: ast.expr, frame: _Frame) -> ScriptValue:
        """An expression of Python's own, such as `a + b`: known only where its parts are."""
        parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
        values = [self._value(part, frame) for part in parts]
        flowing = [value for value in flat(values) if isinstance(value, Flow)]
        return flowing[0] if flowing else UNKNOWN

    def _constant(self, name: str) -> ScriptValue:
        place = name.removeprefix("c")
        if isinstance(self.constants, Several) and place.isdecimal():
            return item_of(self.constants, Known(int(place)))
        return UNKNOWN

    def _call(self, node: ast.Call, frame: _Frame) -> ScriptValue:
        arguments = [self._value(argument, frame) for argument in node.args]
        keywords = {
            keyword.arg: self._value(keyword.value, frame)
            for keyword in node.keywords
            if keyword.arg
        }
        dotted = dotted_name(node.func)
        alias = frame.names.get(dotted)
        dotted = alias.name if isinstance(alias, Code) else dotted
        if isinstance(node.func, ast.Attribute) and dotted.partition(".")[0] not in _ROOTS:
            owner = self._value(node.func.value, frame)
            if isinstance(owner, Module):
                return self.follow_method(owner, node.func.attr, arguments, frame.scope.depth)
        if dotted in self.code.functions:
            scope = _Scope(frame.scope.path, frame.scope.depth + 1)
            return self._follow(self.code.functions[dotted], arguments, keywords, scope)
        special = SPECIAL.get(dotted)
        if special is not None:
            return special(arguments)
        if dotted in self.code.classes:
            return UNKNOWN
        return self._operation(dotted, frame.scope.path, arguments, keywords)

    def _operation(
        self,
        dotted: str,
        path: tuple[str, ...],
        arguments: Sequence[ScriptValue],
        keywords: Mapping[str, ScriptValue],
    ) -> ScriptValue:
        values = [*arguments, *keywords.values()]
        if (answer := known_answer(dotted, values)) is not None:
            return answer
        if all(is_known(value) for value in values):
            return folded(dotted.rpartition(".")[2], arguments)
        if not any(isinstance(value, Flow | Held) for value in flat(values)):
            return UNKNOWN
        target = dotted.removeprefix("ops.")
        if dotted.startswith("torch."):
            target = f"aten.{target.removeprefix('torch.')}"
        return self.notes.add(f"torch.ops.{target}", path, arguments, keywords)
