"""The duty matrix over REST and on the command line."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster
from deploy.commandline.root import app
from deploy.example import ESTATE_FILE

YAML = {"content-type": "application/yaml"}
MATRIX = "/api/v1/duties/matrix"
UNSEEN = {"replayed": "none"}


def test_a_matrix_is_taken_out_edited_tried_and_put_in_force(program):
    got = program.get(MATRIX)
    assert got.status_code == 200
    assert got.headers["content-type"].startswith("application/yaml")
    version = int(got.headers["duties-version"])
    edited = got.text.replace("ttr: ", "ttr: 9", 1)
    assert edited != got.text
    tried = program.post(f"{MATRIX}/dry-run", content=edited.encode(), headers=YAML)
    assert tried.status_code == 200, tried.text
    assert set(tried.json()) == {"cases", "since", "differences", "warnings", "replayed"}
    asked = {"seen": version, "replayed": tried.json()["replayed"]}
    put = program.put(MATRIX, params=asked, content=edited.encode(), headers=YAML)
    assert put.status_code == 200, put.text
    assert put.json()["version"] == version + 1
    assert len(put.json()["edited"]) == 1
    assert program.put(MATRIX, params=asked, content=edited.encode(), headers=YAML).status_code == 409


def test_a_matrix_that_nobody_tried_is_not_put_in_force_unless_that_is_what_is_wanted(house, program):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    before = program.get(MATRIX)
    slower = before.text.replace("tto: 10 min", "tto: 20 min").encode()
    refused = program.put(MATRIX, content=slower, headers=YAML)
    assert refused.status_code == 428
    assert "dry-run" in refused.json()["detail"]
    assert "replayed=none" in refused.json()["detail"]
    other = program.post(f"{MATRIX}/dry-run", content=before.content, headers=YAML).json()["replayed"]
    wrong = program.put(MATRIX, params={"replayed": other}, content=slower, headers=YAML)
    assert (wrong.status_code, "not replayed" in wrong.json()["detail"]) == (409, True)
    assert program.get(MATRIX).headers["duties-version"] == before.headers["duties-version"]
    assert program.put(MATRIX, content=before.content, headers=YAML).json()["changed"] is False
    put = program.put(MATRIX, params={"replayed": "none"}, content=slower, headers=YAML).json()
    assert (put["changed"], put["cases"], len(put["differences"])) == (True, 1, 1)
    assert put["differences"][0]["after"]["tto"] == "PT20M"


def test_limits_of_a_support_are_put_in_force_shown_and_what_is_asked_in_vain_is_said(program):
    row = """
- id: doors
  hazards: access.*
  lead: property_manager
  supports: {lift_maintainer: {accept: 1 min, arrive: 15 min}}
  tto: 10 min
  ttr: 1 h
  ladder:
    - {after: 10 min, unless: acknowledged, call: [property_manager], every: 2 min}
  basis: {zh: 合同, en: contract}
"""
    put = program.put(MATRIX, params=UNSEEN, content=row.encode(), headers=YAML)
    assert put.status_code == 200, put.text
    unphoned, repeats = put.json()["warnings"]
    assert "names nobody to phone; for access.release-failed a call sheet is added: those whom it calls" in unphoned
    assert "without bound" in repeats
    assert "Write times: 5" in repeats
    assert "lift_maintainer: {accept: 1 min, arrive: 15 min}" in program.get(MATRIX).text
    reached = program.get("/api/v1/duties/reached", params={"estate": "example", "hazard": "access.forced-open"})
    parties = {one["id"]: one for one in reached.json()["calls"][0]["parties"]}
    assert (parties["lifts"]["accept_s"], parties["lifts"]["arrive_s"]) == (60, 900)
    assert (parties["property"]["accept_s"], parties["property"]["arrive_s"]) == (600, None)


SOME = """
- id: doors
  hazards: access.*
  lead: lift_maintainer
  tto: 30 min
  ttr: 1 h
  ladder:
    - {after: 10 min, unless: acknowledged, call: [party:property/manager]}
    - {after: 20 min, unless: acknowledged, call: [member:guard, property_manager/operator]}
    - {after: 25 min, unless: acknowledged, call: [roster:desk]}
  basis: {zh: 合同, en: contract}
"""


def test_a_ladder_calls_the_manager_on_duty_then_one_person_by_name_then_whoever_is_on_a_roster(house, program):
    with house.units.writing() as uow:
        uow.rosters.save(Roster("desk", "example", "property", Names("前台", "Front desk"), (), ()))
        uow.commit()
    put = program.put(MATRIX, params=UNSEEN, content=SOME.encode(), headers=YAML)
    assert put.status_code == 200, put.text
    assert any("property_manager/operator is nobody here" in one for one in put.json()["warnings"])
    exported = program.get(MATRIX).text
    for written in ("party:property/manager", "member:guard", "property_manager/operator", "roster:desk"):
        assert written in exported
    assert program.put(MATRIX, content=exported.encode(), headers=YAML).json()["changed"] is False
    reached = program.get("/api/v1/duties/reached", params={"estate": "example", "hazard": "access.forced-open"})
    _, ten, twenty, desk, *_ = reached.json()["calls"]
    (manager,), (guard,) = ten["parties"], twenty["parties"]
    assert (manager["ground"], [one["id"] for one in manager["first"]], manager["then"]) == ("by_role", ["manager"], [])
    assert (guard["ground"], [one["id"] for one in guard["first"]]) == ("by_name", ["guard"])
    assert manager["only"] == [{"zh": "负责人", "en": "managers"}]
    assert [one["zh"] for one in twenty["nobody"]] == ["物业服务中心：运维人员"]
    assert (desk["passed"], [one["en"] for one in desk["nobody"]]) == (True, ["Property office: on duty by Front desk"])
    holes = program.get("/api/v1/duties/coverage").json()["holes"]
    assert {(one["gap"], one["only"][0]["en"]) for one in holes if one["only"]} >= {
        ("empty_roster", "on duty by Front desk"), ("no_members", "operators"),
    }  # fmt: skip


def test_people_whom_there_are_not_are_told_by_line(program):
    for written, said in (
        ("party:property/boss", "'boss' is no role; write one of resident, responder"),
        ("roster:night", "duty 'doors': roster:night is no roster of this estate"),
        ("member:nobody", "duty 'doors': member:nobody is no member here"),
        ("porter", "'porter' names nobody: write a kind"),
    ):
        text = SOME.replace("party:property/manager", written).replace("roster:desk", "member:guard")
        refused = program.put(MATRIX, content=text.encode(), headers=YAML)
        assert refused.status_code == 422
        (problem,) = refused.json()["problems"]
        assert said in str(problem)
        assert "line " in str(problem)


def test_what_is_wrong_is_told_by_line(program):
    broken = program.get(MATRIX).text.replace("ttr:", "tttr:", 1)
    refused = program.put(MATRIX, content=broken.encode(), headers=YAML)
    assert refused.status_code == 422
    assert any(
        str(problem).find("line ") >= 0 and "nobody knows this key" in str(problem)
        for problem in refused.json()["problems"]
    )


def test_who_may_not_is_refused(house, visitor):
    token = house.api_token_of("technician")
    headers = {**YAML, "authorization": f"Bearer {token}"}
    assert visitor.put(MATRIX, content=b"[]", headers=headers).status_code == 403


def test_the_commands_take_a_matrix_out_try_it_and_put_it_in_force(tmp_path):
    def tocsin(*words, says=""):
        return CliRunner().invoke(app, [*map(str, words), "--data", str(tmp_path / "data")], input=says)

    assert tocsin("cloud", "estate", "load", ESTATE_FILE).exit_code == 0
    file = tmp_path / "duties.yaml"
    exported = tocsin("duties", "export", "example", "--to", file)
    assert exported.exit_code == 0, exported.output
    assert "version 1" in exported.output
    assert "unchanged, version 1" in tocsin("duties", "import", "example", file).output
    file.write_text(file.read_text(encoding="utf-8").replace("tto: 10 min", "tto: 11 min", 1), encoding="utf-8")
    assert "0 of 0 incidents" in tocsin("duties", "dry-run", "example", file).output
    asked = tocsin("duties", "import", "example", file, "--seen", 1, says="n\n")
    assert asked.exit_code == 1
    assert "0 of 0 incidents" in asked.output
    assert "Put it in force as version 2?" in asked.output
    assert tocsin("duties", "import", "example", file).exit_code == 1, "whoever cannot be asked says --yes"
    assert "version 1" in tocsin("duties", "export", "example", "--to", tmp_path / "kept.yaml").output
    done = tocsin("duties", "import", "example", file, "--seen", 1, says="y\n")
    assert "version 2 is in force" in done.output
    assert "edited: lift-fault-major" in done.output
    stale = tocsin("duties", "import", "example", file, "--seen", 1, "--yes")
    assert stale.exit_code == 2
    assert "Export it anew" in stale.output
    file.write_text(file.read_text(encoding="utf-8").replace("tto: 11 min", "tto: 12 min"), encoding="utf-8")
    unasked = tocsin("duties", "import", "example", file, "--yes", "--json")
    assert json.loads(unasked.stdout)["differences"] == []
    assert json.loads(unasked.stdout)["version"] == 3
    file.write_text("- {id: x}\n", encoding="utf-8")
    wrong = tocsin("duties", "import", "example", file)
    assert wrong.exit_code == 2
    assert "line 1: [0] 'x'" in wrong.output
    assert (
        CliRunner()
        .invoke(app, ["duties", "default", "--region", "GB"])
        .output.startswith("# The responsibility matrix")
    )
