"""Who plays which part on a network, with and without an organisation of the public."""

from __future__ import annotations

from typing import Any

from apps.copyright.cast import cast_of, collections, endorsement_policy
from network.groundwork import application_policies
from network.topology import TopologySpec, load_spec, spec_to_mapping, template


def with_public(peers: tuple[str, ...] = ()) -> TopologySpec:
    document: dict[str, Any] = spec_to_mapping(template("city"))
    public = {"name": "public", "msp_id": "PublicMSP", "domain": "public.city.internal"}
    document["organizations"].append({**public, "peers": [{"name": name} for name in peers]})
    document["channels"][0]["organizations"].append("public")
    return load_spec(document)


def test_creators_are_the_publics_where_there_is_one_and_the_offices_before() -> None:
    assert cast_of(template("city")).msp_of("creator") == "CopyrightMSP"
    cast = cast_of(with_public())
    assert cast.msp_of("creator") == "PublicMSP"
    assert (cast.office, cast.second, cast.msp_of("registrar")) == ("CopyrightMSP", "DataBureauMSP", "CopyrightMSP")
    assert "PublicMSP" not in endorsement_policy(with_public())
    assert "PublicMSP" not in str(collections(with_public()))


def test_who_has_no_peers_stands_in_no_majority() -> None:
    plain, public = template("city"), with_public()
    assert application_policies(plain, plain.channels[0])["LifecycleEndorsement"] == "MAJORITY Endorsement"
    rules = application_policies(public, public.channels[0])
    for name, role in (("Endorsement", "peer"), ("LifecycleEndorsement", "peer"), ("Admins", "admin")):
        assert rules[name].startswith("OutOf(3, ")
        assert rules[name].count(f".{role}'") == 4
        assert "PublicMSP" not in rules[name]
    assert (rules["Readers"], rules["Writers"]) == ("ANY Readers", "ANY Writers")
    served = with_public(("peer0",))
    assert application_policies(served, served.channels[0])["Admins"] == "MAJORITY Admins"
