"""Fires, leaks, call points and what only looks like them, as scripts."""

from __future__ import annotations

from firmware_sim.fire import ALARM_OBSCURATION, Detector, Growth
from firmware_sim.script import Script
from firmware_sim.staging import Staging

_CO_ALARM_PPM = 50.0
_CO_HIGH_PPM = 300.0
_CO_HIGH_ALARMS_WITHIN_S = 180.0
STUCK_AFTER_S = 3600.0
_COOKING = 0.02
"""2 %/m: what a kitchen does, well below the pre-alarm at 3.3 %/m."""
_DUST = 0.012
"""1.2 %/m of baseline: dirty, and below the third of the threshold at which it is a hazard of its own."""


def smoke(on: Staging[Detector]) -> Script:
    """Onset: obscuration at the detector first reaches 5 %/m (not: the fire is lit). Ended: back below 4 %/m, relay open."""
    detector, room = on.equipment, on.equipment.room
    room.ignite(Growth.named(on.spec.growth), on.now)
    yield lambda: room.at_detector.obscuration >= ALARM_OBSCURATION
    on.onset()
    on.defined(after=2.0)
    if on.spec.panel:
        on.panel(True)
    yield on.seconds
    room.extinguish()
    yield lambda: room.at_detector.obscuration < ALARM_OBSCURATION - 0.01 and not detector.alarm
    on.panel(False)
    on.ended()


def carbon_monoxide(on: Staging[Detector]) -> Script:
    """Onset: 50 ppm at the detector. Defined when EN 50291 asks for an alarm at the latest: 3 min after 300 ppm."""
    room = on.equipment.room
    room.leak_co(on.spec.ppm / 60.0, on.spec.ppm)
    yield lambda: room.at_detector.co >= _CO_ALARM_PPM
    on.onset()
    end = on.now + on.seconds
    yield lambda: room.at_detector.co >= _CO_HIGH_PPM or on.now >= end
    if room.at_detector.co >= _CO_HIGH_PPM:
        on.defined(after=_CO_HIGH_ALARMS_WITHIN_S)
    yield max(end - on.now, 0.0)
    room.air_out()
    yield lambda: room.at_detector.co < _CO_ALARM_PPM
    on.ended()


def call_point(on: Staging[Detector]) -> Script:
    """Onset: the glass is pressed."""
    on.equipment.called = True
    on.onset()
    on.defined()
    yield on.seconds
    on.equipment.called = False
    on.ended()


def detector_fault(on: Staging[Detector]) -> Script:
    """Onset: the fault relay closes, or the loop of the analog output is cut (`circuit = "open"`)."""
    detector = on.equipment
    if on.spec.circuit == "open":
        detector.open_circuit = True
    else:
        detector.faulty = True
    on.onset()
    on.defined(after=3.0)
    yield on.seconds
    detector.open_circuit = detector.faulty = False
    on.ended()


def stuck(on: Staging[Detector]) -> Script:
    """Onset: its electronics hang, and every analog output stays exactly where it is. Defined after an hour without noise."""
    on.equipment.frozen = True
    on.onset()
    on.defined(after=STUCK_AFTER_S)
    yield on.seconds
    on.equipment.frozen = False
    on.ended()


def cooking(on: Staging[Detector]) -> Script:
    """Steam and frying under the detector: nothing is wrong."""
    on.equipment.room.cook(_COOKING)
    on.onset()
    yield on.seconds
    on.equipment.room.cook(0.0)
    yield lambda: on.equipment.room.at_detector.obscuration < _COOKING / 10
    on.ended()


def dust(on: Staging[Detector]) -> Script:
    """The chamber gets dirty over the time given, and is cleaned: nothing is wrong yet."""
    on.equipment.dust_per_second = _DUST / on.seconds
    on.onset()
    yield on.seconds
    on.equipment.dust_per_second = on.equipment.dust = 0.0
    on.ended()
