"""Every error Soleus raises on purpose.

SoleusError
├─ InputError            the person can fix it                            exit 10
│  ├─ AnswerError        an answer: unknown finding, wrong option, clash   exit 11
│  ├─ CaseFileError      a case file that cannot be read                   exit 12
│  ├─ ActivityFileError  a watch file                                      exit 13
│  └─ VideoError         a film or its body points                         exit 14
├─ KnowledgeError        ours to fix before release                        exit 20
├─ SafetyError           an invariant refused                              exit 30
│  └─ PlanWithheld
├─ StateError            NotFound, Conflict …                              exit 40
│  ├─ NotFound
│  └─ Conflict
└─ BackendError          the outside failed; `retryable`                   exit 50
   └─ PoseBackendError   no pose network: extra or weights missing         exit 51

`str(error)` says what is wrong, where, and what to do. Health values never appear in it unless the person just
typed them at the place it names.
"""

from __future__ import annotations


class SoleusError(Exception):
    """Base of all deliberate errors. `where` names the place, `hint` says what to do."""

    exit_code = 1
    http_status = 500

    def __init__(self, problem: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(problem, where, hint)
        self.problem = problem
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{text}. {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.problem, self.where, self.hint))


def _rebuild(kind: type[SoleusError], problem: str, where: str, hint: str) -> SoleusError:
    return kind(problem, where=where, hint=hint)


class InputError(SoleusError):
    """Something the person gave; they can mend it."""

    exit_code = 10
    http_status = 422


class AnswerError(InputError):
    """An answer that names no finding, no option of it, or contradicts another answer."""

    exit_code = 11


class CaseFileError(InputError):
    """A case file that cannot be read: not YAML, too large, wrong shape."""

    exit_code = 12


class ActivityFileError(InputError):
    """A watch file that cannot be read."""

    exit_code = 13


class VideoError(InputError):
    """A film, or a file of body points, that cannot be used: damaged, not a film, too large, too long."""

    exit_code = 14


class KnowledgeError(SoleusError):
    """A fault in the knowledge base; `where` is file and pointer."""

    exit_code = 20


class SafetyError(SoleusError):
    """A safety invariant refused the request."""

    exit_code = 30
    http_status = 409


class PlanWithheld(SafetyError):
    """No plan or loading advice while a dangerous cause is open."""


class StateError(SoleusError):
    """The request does not fit the present state."""

    exit_code = 40
    http_status = 409


class NotFound(StateError):
    """No such condition, finding, case or session."""

    http_status = 404


class Conflict(StateError):
    """Somebody changed it in the meantime."""


class BackendError(SoleusError):
    """Something outside failed."""

    exit_code = 50
    http_status = 503

    def __init__(self, problem: str, *, where: str = "", hint: str = "", retryable: bool = False) -> None:
        super().__init__(problem, where=where, hint=hint)
        self.retryable = retryable


class PoseBackendError(BackendError):
    """The pose network cannot run here: its extra, its weights or its provider is missing; the hint names which."""

    exit_code = 51
