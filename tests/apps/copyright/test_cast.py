"""Who plays which part on a network, with and without an organisation of the public."""

from __future__ import annotations

from typing import Any

from apps.copyright.cast import cast_of, collections, endorsement_policy
from apps.copyright.manifest import MANIFEST
from network.groundwork import application_policies
from network.topology import TopologySpec, load_spec, spec_to_mapping, template


def city(peers: tuple[str, ...] = (), *, public: bool = True) -> TopologySpec:
    """The city's template; without the public it is what networks of before were made from."""
    document: dict[str, Any] = spec_to_mapping(template("city"))
    if not public:
        document["organizations"] = [one for one in document["organizations"] if one["name"] != "public"]
        document["channels"][0]["organizations"].remove("public")
    for one in document["organizations"]:
        if one["name"] == "public":
            one["peers"] = [{"name": name} for name in peers]
    return load_spec(document)


def test_strangers_to_the_office_are_the_publics_where_there_is_one_and_as_before_elsewhere() -> None:
    before = cast_of(city(public=False))
    assert (before.msp_of("creator"), before.msp_of("licensee")) == ("CopyrightMSP", "DataBureauMSP")
    for name in ("city", "ha", "bft"):
        now = cast_of(template(name))
        assert (now.msp_of("creator"), now.msp_of("licensee")) == ("PublicMSP", "PublicMSP")
        assert (now.office, now.second, now.msp_of("registrar"), now.msp_of("auditor")) == (
            *("CopyrightMSP", "DataBureauMSP"),
            *("CopyrightMSP", "DataBureauMSP"),
        )
        assert "PublicMSP" not in endorsement_policy(template(name))
        assert "PublicMSP" not in str(collections(template(name)))
        people = {str(one.role): one.msp_of(template(name)) for one in MANIFEST.people}
        assert (people["creator"], people["licensee"]) == ("PublicMSP", "PublicMSP")


def test_who_has_no_peers_stands_in_no_majority() -> None:
    plain, public = city(public=False), city()
    assert application_policies(plain, plain.channels[0])["LifecycleEndorsement"] == "MAJORITY Endorsement"
    rules = application_policies(public, public.channels[0])
    for name, role in (("Endorsement", "peer"), ("LifecycleEndorsement", "peer"), ("Admins", "admin")):
        assert rules[name].startswith("OutOf(3, ")
        assert rules[name].count(f".{role}'") == 4
        assert "PublicMSP" not in rules[name]
    assert (rules["Readers"], rules["Writers"]) == ("ANY Readers", "ANY Writers")
    served = city(("peer0",))
    assert application_policies(served, served.channels[0])["Admins"] == "MAJORITY Admins"
