"""Facts of the call about a critical word that may mean nothing."""

from contracts.envelope import Fact


class CaseConfirmRequested(Fact):
    """The reporter is to be asked by phone about a critical word that may mean nothing."""

    floors: tuple[str, ...] | None = None
    """The rules of danger that a joining report's words speak of; its reporter is to be asked."""


class CaseConfirmed(Fact):
    """The reporter was asked by phone about a critical word that may have meant nothing."""

    dangerous: bool
