"""A pytest plugin that breaks one codec before any test sees it; run_codecs loads it."""

import os

from tests.mutations.codec_mutants import VARIABLE, Mutant, break_codec

break_codec(Mutant.from_json(os.environ[VARIABLE]))
