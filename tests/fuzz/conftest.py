"""Which of the fuzzers' modules have no examples to test."""

collect_ignore = ["led.py"]  # needs atheris
