"""Sizes that depend on the input, as people write them."""

import ast

_LONGEST = 2000
_JOINED = {"Add": " + ", "Mul": "·", "Pow": "^", "FloorDiv": " // ", "Mod": " % "}


def readable(expression: str) -> str:
    """“2·s77 + 1” of sympy's “Add(Mul(Integer(2), Symbol('s77')), Integer(1))”; s77 stays s77.

    Only parsed as text. What cannot be parsed stays as it is.
    """
    if len(expression) > _LONGEST:
        return "…"
    try:
        return _written(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return expression


def _written(node: ast.expr) -> str:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)
    name, parts = node.func.id, [_written(part) for part in node.args]
    if name in ("Symbol", "Integer"):
        return parts[0] if parts else name
    sign = _JOINED.get(name)
    if sign is None:
        return f"{name}({', '.join(parts)})"
    bracketed = [f"({part})" if " " in part and sign != " + " else part for part in parts]
    return sign.join(bracketed)
