"""When a channel is told of a parcel is its own policy, and the default is safe (SBK-02)."""

from server.domain.tracking.telling import TellAt, is_due, tell_at


def test_the_default_is_the_manifest_and_what_has_left_is_never_untold_for_want_of_a_label_scan() -> None:
    assert tell_at(None) is tell_at({}) is tell_at({"tell_at": "of another version"}) is TellAt.MANIFEST
    assert is_due(TellAt.LABEL, ready=False, handed_over=True, scanned=False)
    assert not is_due(TellAt.CARRIER_SCAN, ready=True, handed_over=True, scanned=False)
    assert not is_due(TellAt.MANIFEST, ready=True, handed_over=False, scanned=True)
