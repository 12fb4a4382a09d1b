"""Makes the workshop of the ordinary test programs, and the laboratory of tests/run, importable here."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "programs"), str(TESTS / "run")]
