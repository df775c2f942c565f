"""One step of a table, and the table as a diagram.

A table lists for every state which commands are possible, for whom, and where
they lead. Terminal states are listed with `{}`. Nothing else decides whether a
step is legal; what a row says in `only` is checked by its service.
"""

from __future__ import annotations

from hub.contract import Refusal, Rule, Table


def step(table: Table, state: str, command: str, role: str) -> Rule | Refusal:
    """Look up one step.

    Returns:
        The rule, or a refusal: `illegal_step` when the state does not know the
        command, `not_allowed` when it does, but not from this role.

    Raises:
        KeyError: the state is not in the table, which is a fault.
    """
    rules = table[state]
    rule = rules.get(command)
    if rule is None:
        possible = ", ".join(sorted(rules)) or "nothing"
        message = f"expected one of {possible} while {state}, got {command}"
        return Refusal("illegal_step", message, data={"state": state})
    if role not in rule.roles:
        return Refusal("not_allowed", f"{command} is for {', '.join(sorted(rule.roles))}, not for {role}")
    return rule


def is_terminal(table: Table, state: str) -> bool:
    return not table[state]


def diagram(table: Table) -> str:
    """Draw a table as Mermaid text (`stateDiagram-v2`): the first state starts, `{}` ends.

    Rows that lead to the same state from the same one share an arrow; rows that
    stay are left out.
    """
    lines = ["stateDiagram-v2", f"    [*] --> {next(iter(table))}"]
    for state, rules in table.items():
        arrows: dict[str, list[str]] = {}
        for command, rule in rules.items():
            if rule.to is not None and rule.to != state:
                arrows.setdefault(rule.to, []).append(command)
        lines += [f"    {state} --> {to}: {', '.join(commands)}" for to, commands in arrows.items()]
    lines += [f"    {state} --> [*]" for state, rules in table.items() if not rules]
    return "\n".join(lines) + "\n"
