"""The code systems of the FHIR interface, and which national specialty a hospital's department belongs to."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from apps.health_slots.model import KIND_TITLES, POOL_TITLES

KIND_SYSTEM = "urn:citychain:codes:slot-kind"
POOL_SYSTEM = "urn:citychain:codes:slot-pool"
DEPARTMENT_SYSTEM = "urn:citychain:codes:department"
SPECIALTY_SYSTEM = "urn:citychain:codes:diagnosis-and-treatment-subjects"
"""医疗机构诊疗科目名录 (卫医发〔1994〕27 号, with its later additions), which has no canonical address of its own."""

SPECIALTIES: Mapping[str, str] = {
    "01": "预防保健科",
    "02": "全科医疗科",
    "03": "内科",
    "03.01": "呼吸内科专业",
    "03.02": "消化内科专业",
    "03.03": "神经内科专业",
    "03.04": "心血管内科专业",
    "03.05": "血液内科专业",
    "03.06": "肾病学专业",
    "03.07": "内分泌专业",
    "03.08": "免疫学专业",
    "03.09": "变态反应专业",
    "03.10": "老年病专业",
    "04": "外科",
    "04.01": "普通外科专业",
    "04.02": "神经外科专业",
    "04.03": "骨科专业",
    "04.04": "泌尿外科专业",
    "04.05": "胸外科专业",
    "04.06": "心脏大血管外科专业",
    "04.07": "烧伤科专业",
    "04.08": "整形外科专业",
    "05": "妇产科",
    "05.01": "妇科专业",
    "05.02": "产科专业",
    "05.03": "计划生育专业",
    "05.04": "优生学专业",
    "05.05": "生殖健康与不孕症专业",
    "06": "妇女保健科",
    "07": "儿科",
    "08": "小儿外科",
    "09": "儿童保健科",
    "10": "眼科",
    "11": "耳鼻咽喉科",
    "12": "口腔科",
    "13": "皮肤科",
    "14": "医疗美容科",
    "15": "精神科",
    "16": "传染科",
    "17": "结核病科",
    "18": "地方病科",
    "19": "肿瘤科",
    "20": "急诊医学科",
    "21": "康复医学科",
    "22": "运动医学科",
    "23": "职业病科",
    "24": "临终关怀科",
    "25": "特种医学与军事医学科",
    "26": "麻醉科",
    "27": "疼痛科",
    "28": "重症医学科",
    "30": "医学检验科",
    "31": "病理科",
    "32": "医学影像科",
    "50": "中医科",
    "51": "民族医学科",
    "52": "中西医结合科",
}
_SAME = {
    "心内科": "03.04",
    "心血管科": "03.04",
    "神内科": "03.03",
    "神经科": "03.03",
    "肾内科": "03.06",
    "风湿免疫科": "03.08",
    "呼吸与危重症医学科": "03.01",
    "老年医学科": "03.10",
    "普外科": "04.01",
    "胃肠外科": "04.01",
    "肝胆外科": "04.01",
    "心外科": "04.06",
    "感染科": "16",
    "感染性疾病科": "16",
    "急诊科": "20",
    "急诊内科": "20",
    "康复科": "21",
    "耳鼻喉科": "11",
    "放射科": "32",
}


_HAN = re.compile("[\u3400-\u9fff]")


@functools.lru_cache(maxsize=4096)
def specialty_of(department: str) -> str:
    """The national code for a department's name, "" where the name says nothing (not a guess by likeness)."""
    name = department.removesuffix("专业").removesuffix("门诊").strip()
    if name in _SAME:
        return _SAME[name]
    names = {text.removesuffix("专业"): code for code, text in SPECIALTIES.items()}
    return names.get(name) or names.get(name.removesuffix("科")) or names.get(f"{name}科", "")


@functools.lru_cache(maxsize=64)
def kind_concept(kind: str) -> dict[str, Any]:
    """号别 as a concept; one object for all who ask, so nobody changes it."""
    text = KIND_TITLES[kind].zh
    return {"coding": [{"system": KIND_SYSTEM, "code": kind, "display": text}], "text": text}


@functools.lru_cache(maxsize=8)
def pool_concept(pool: str) -> dict[str, Any]:
    """号源池 as a concept; one object for all who ask, so nobody changes it."""
    text = POOL_TITLES[pool].zh
    return {"coding": [{"system": POOL_SYSTEM, "code": pool, "display": text}], "text": text}


@functools.lru_cache(maxsize=4096)
def specialty_concept(department: str, name: str) -> dict[str, Any]:
    """A department as a concept: the national code where there is one, and the hospital's own.

    One object for all who ask, so nobody changes it.
    """
    codings = [{"system": DEPARTMENT_SYSTEM, "code": department, "display": name}]
    if code := specialty_of(name):
        codings.insert(0, {"system": SPECIALTY_SYSTEM, "code": code, "display": SPECIALTIES[code]})
    return {"coding": codings, "text": name}


def code_systems() -> dict[str, dict[str, Any]]:
    """The code systems as FHIR resources, by id; departments are each hospital's own and not listed."""
    kinds = {code: text.zh for code, text in KIND_TITLES.items()}
    pools = {code: text.zh for code, text in POOL_TITLES.items()}
    return {
        "slot-pool": _code_system("slot-pool", POOL_SYSTEM, "号源池", pools, "complete"),
        "slot-kind": _code_system("slot-kind", KIND_SYSTEM, "号别", kinds, "complete"),
        "specialty": _code_system("specialty", SPECIALTY_SYSTEM, "诊疗科目", SPECIALTIES, "fragment"),
        "department": _code_system("department", DEPARTMENT_SYSTEM, "医院的科室编号", {}, "not-present"),
    }


def _code_system(id: str, url: str, title: str, codes: Mapping[str, str], content: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "CodeSystem",
        "id": id,
        "text": narrative(title),
        "url": url,
        "version": "1",
        "name": "".join(part.capitalize() for part in id.split("-")),
        "title": title,
        "status": "active",
        "experimental": False,
        "publisher": "CityChain",
        "description": title,
        "caseSensitive": True,
        "content": content,
    }
    if codes:
        found["concept"] = [{"code": code, "display": text} for code, text in codes.items()]
    if content == "complete":
        found["count"] = len(codes)
    return found


def narrative(text: str) -> dict[str, str]:
    """The resource in one sentence for people, as every resource of R4 should have it."""
    lang = "zh-CN" if _HAN.search(text) else "en"
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml" lang="{lang}" xml:lang="{lang}">{escape(text)}</div>',
    }
