"""All cases of real work, gathered from the tables of one subject each."""

from cases_build import CASES as BUILD
from cases_debug import CASES as DEBUG
from cases_languages import CASES as LANGUAGES
from cases_network import CASES as NETWORK
from cases_pack import CASES as PACK
from cases_shell import CASES as SHELL
from cases_system import CASES as SYSTEM
from cases_text import CASES as TEXT

CASES = SHELL + TEXT + PACK + LANGUAGES + BUILD + DEBUG + NETWORK + SYSTEM
