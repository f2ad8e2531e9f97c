"""What holds for every test."""

from hypothesis import settings

# A busy machine is no failure: how long things take is for `./go bench` to say.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
