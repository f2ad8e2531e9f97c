"""The errors of misuse. Faults of data are no exceptions: they are findings, shown all at once.

BookError           everything this library raises on purpose
  InvalidEvent      an event that cannot be true: which field, what was given, what is wanted
  UnknownName       a method, policy, account, line or format that nothing answers to
  ImportRefused     a file was not recorded: its findings say why
  Refused           a decision of our own that cannot count: the rule says why
  LogError          the log is not what was written, or is not a log
    UnknownTopic    a stored type name of another program or of a later version
"""


class BookError(Exception):
    """Everything this library raises on purpose."""


class InvalidEvent(BookError):
    """An event that cannot be true.

    `field` is the event's field, `value` what was given for it, `problem` what is wanted.
    """

    def __init__(self, field: str, value: object, problem: str) -> None:
        super().__init__(f"{field}: {value!r} {problem}")
        self.field = field
        self.value = value
        self.problem = problem


class UnknownName(BookError):
    """A method, policy, account, line or format that nothing answers to."""


class ImportRefused(BookError):
    """A file was not recorded: its findings say why."""


class Refused(BookError):
    """A decision of our own that cannot count was not recorded: the message names the rule."""


class LogError(BookError):
    """The log is not what was written, or is not a log."""


class UnknownTopic(LogError):
    """A stored type name of another program or of a later version of this one."""
