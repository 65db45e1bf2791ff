"""What was declared lost is kept, and kept apart by estate."""

from cloud.domain.fleet.losses import Losses
from cloud.domain.fleet.progress import Ranges
from tests.fakes.clocks import START


def test_losses_are_kept_as_they_were_declared_and_changed_in_place(units):
    kept = Losses("a", "n", "box", "telemetry", Ranges([(2, 4), (9, 9)]), Ranges([(11, 12)]), START)
    with units.writing() as uow:
        uow.losses.save(kept)
        uow.losses.save(Losses("b", "n", "other", "events", Ranges([(1, 1)])))
        uow.commit()
    with units.reading() as uow:
        assert uow.losses.of("a") == [kept]
    kept.lost, kept.doubted, kept.doubted_at = Ranges([(9, 9)]), Ranges(), None
    with units.writing() as uow:
        uow.losses.save(kept)
        uow.commit()
    with units.reading() as uow:
        assert uow.losses.of("a") == [kept]
        assert [one.outbox for one in uow.losses.of("b")] == ["other"]
