"""The words of GS1's Core Business Vocabulary 2.0 that JSON writes bare, and what they are short for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CBV = "https://ref.gs1.org/cbv/"
GS1 = "https://gs1.org/voc/"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STEPS = _words(
    "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting"
    " decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting"
    " installing killing loading other packing picking receiving removing repackaging repairing replacing reserving"
    " retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting"
    " unloading unpacking void_shipping"
)
DISPOSITIONS = _words(
    "active available completeness_verified completeness_inferred conformant container_closed container_open damaged"
    " destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_instance mismatch_class"
    " mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed"
    " recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable"
    " unknown"
)
_TRANSACTIONS = _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt")
_PARTIES = _words("owning_party possessing_party location")
_MEASURES = _words(
    "AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Radioactivity Altitude AmountOfSubstance"
    " AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance"
    " Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity"
    " ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency"
    " Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux"
    " LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate"
    " MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux"
    " RadiantIntensity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity"
    " SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux"
    " Wavenumber"
)
_COMPONENTS = _words(
    "x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude"
    " longitude altitude"
)
_EXCEPTIONS = frozenset(("ALARM_CONDITION", "ERROR_CONDITION"))

Words = tuple[frozenset[str], str]
_STEP: Words = (STEPS, f"{CBV}BizStep-")
_DISPOSITION: Words = (DISPOSITIONS, f"{CBV}Disp-")
_PARTY: Mapping[str, Any] = {"type": (_PARTIES, f"{CBV}SDT-")}
_WHERE: Mapping[str, Any] = {
    "bizStep": _STEP,
    "disposition": _DISPOSITION,
    "persistentDisposition": {"set": _DISPOSITION, "unset": _DISPOSITION},
    "bizTransactionList": {"type": (_TRANSACTIONS, f"{CBV}BTT-")},
    "sourceList": _PARTY,
    "destinationList": _PARTY,
    "sensorElementList": {
        "sensorReport": {
            "type": (_MEASURES, GS1),
            "exception": (_EXCEPTIONS, GS1),
            "component": (_COMPONENTS, f"{CBV}Comp-"),
        }
    },
}


def expanded(event: Any, where: Any = _WHERE) -> Any:
    """An event whose bare words are written out, each where the vocabulary has a place for it."""
    if isinstance(event, list):
        return [expanded(one, where) for one in event]
    if isinstance(where, tuple):
        known, begins = where
        return f"{begins}{event}" if isinstance(event, str) and event in known else event
    if isinstance(event, dict):
        return {key: expanded(one, where[key]) if key in where else one for key, one in event.items()}
    return event


def bare(word: str) -> str:
    """A step or disposition as JSON writes it: the bare word of a URI, a URN or a compact one; others as they are."""
    for begins in (f"{CBV}BizStep-", f"{CBV}Disp-", "cbv:BizStep-", "cbv:Disp-", f"{CBV}SDT-", "cbv:SDT-"):
        word = word.removeprefix(begins)
    for begins in ("urn:epcglobal:cbv:bizstep:", "urn:epcglobal:cbv:disp:", "urn:epcglobal:cbv:sdt:"):
        word = word.removeprefix(begins)
    return word
