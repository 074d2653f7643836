"""The command line: the only room that prints or sets an exit code.

0 a verified plan · 1 our bug · 2 usage · 3 input findings · 4 infeasible · 5 no plan within the limit.
Progress and findings go to stderr, results to stdout.
"""

from __future__ import annotations

import click

from siteopt import __version__
from siteopt.cli.guard import BUG as BUG
from siteopt.cli.guard import INFEASIBLE as INFEASIBLE
from siteopt.cli.guard import INPUT as INPUT
from siteopt.cli.guard import NO_PLAN as NO_PLAN
from siteopt.cli.guard import OK as OK
from siteopt.cli.guard import USAGE as USAGE
from siteopt.cli.results import compare, export
from siteopt.cli.solving import assess, check, solve
from siteopt.cli.start import catalogue, init, schema
from siteopt.cli.whatif import alternatives, explain, frontier


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="siteopt")
def cli() -> None:
    """Where should a city's everyday outlets go?

    siteopt finds the outlets, in the vacant spaces, for the money there is, so that the most people reach what they
    need in a short walk; proves it or states the gap; and audits every number.

    \b
    Start:  siteopt init my-town && siteopt solve my-town/scenario.yaml
    """


for _command in (
    *(init, schema, catalogue),
    *(check, assess, solve),
    *(alternatives, frontier, explain),
    *(compare, export),
):
    cli.add_command(_command)


def main() -> None:
    """The console script."""
    cli(prog_name="siteopt")
