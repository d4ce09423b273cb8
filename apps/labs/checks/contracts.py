"""Checks of contracts: definitions, rules, upgrades, private data."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable

from apps.labs.chain import Chain, Happened
from apps.labs.looking import Seen, Wrong, check
from baas.errors import CityChainError, Text, contract_code

BOTH = frozenset({"DataBureauMSP", "HospitalMSP"})
HOSPITAL = "HospitalMSP"


def _in_force(seen: Seen, contract: str) -> Wrong | None:
    if seen.chain.definitions(contract):
        return None
    others = ", ".join(seen.chain.contracts) or "—"
    return Wrong(
        Text(
            "通道上没有合约 {c}；已生效的：{o}。",
            "The channel has no contract {c}; in force are: {o}.",
            c=contract,
            o=others,
        ),
        Text(
            "安装和批准之后还要提交；用 chaincode status 查看。",
            "After installing and approving it has to be committed; see chaincode status.",
        ),
    )


@check("things-deployed")
def things_deployed(seen: Seen) -> Wrong | None:
    """The contract `things` is in force."""
    return _in_force(seen, "things")


@check("tally-deployed")
def tally_deployed(seen: Seen) -> Wrong | None:
    """The contract `tally` is in force."""
    return _in_force(seen, "tally")


def thing_of(chain: Chain, key: str, contract: str = "things") -> dict[str, object] | None:
    """A thing as the ledger has it; None where it has none, or something else under the key."""
    try:
        found = json.loads(chain.state(contract, key) or b"null")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _no_thing(chain: Chain, key: str) -> Wrong:
    keys = ", ".join(list(chain.states("things"))[:10]) or "—"
    return Wrong(
        Text("账本上没有物品 {k}；有：{o}。", "The ledger has no thing {k}; it has: {o}.", k=key, o=keys),
        Text("查询不写账本。键区分大小写。", "A query writes nothing. Keys heed capital letters."),
    )


@check("first-thing")
def first_thing(seen: Seen) -> Wrong | None:
    """A-1 is worth 850."""
    thing = thing_of(seen.chain, "A-1")
    if thing is None:
        return _no_thing(seen.chain, "A-1")
    if thing.get("value") == 850:
        return None
    return Wrong(
        Text("A-1 的价值是 {v}，不是 850。", "A-1 is worth {v}, not 850.", v=str(thing.get("value"))),
        Text(
            "登记过的物品不能再登记一次；看看合约还有哪个方法。",
            "What is entered cannot be entered again; see which other function the contract has.",
        ),
    )


@check("second-thing")
def second_thing(seen: Seen) -> Wrong | None:
    """B-1 is there."""
    return None if thing_of(seen.chain, "B-1") is not None else _no_thing(seen.chain, "B-1")


# -- a contract of one's own ---------------------------------------------------------------------------
@check("tally-counts")
def tally_counts(seen: Seen) -> Wrong | None:
    """Gloves were added at least twice, and the state is the sum."""
    added = [one for one in seen.chain.valid("tally", "Add") if one.args[:1] == ("gloves",)]
    if len(added) < 2:
        return Wrong(
            Text("手套登记过 {n} 次。", "Gloves were given out {n} times.", n=len(added)),
            Text("至少两次；名称写作 gloves。", "Twice at least; they are called gloves."),
        )
    total, stored = sum(int(one.args[1]) for one in added), seen.chain.state("tally", "gloves") or b""
    if stored == str(total).encode():
        return None
    return Wrong(
        Text(
            "交易的数量共 {t}，账本上是 {s}。",
            "The transactions add up to {t}; the ledger says {s}.",
            t=total,
            s=stored.decode("utf-8", "replace")[:40],
        ),
        Text("看 Add 写回的是不是新的合计。", "See whether Add writes the new total back."),
    )


@check("tally-refuses", chain=False)
def tally_refuses(seen: Seen) -> Wrong | None:
    """The contract itself refuses what breaks the rule; asked as a query, which writes nothing."""
    thing = f"x{secrets.token_hex(4)}"
    for amount in (11, 0, -3, 1_000):
        code = _refusal(seen, "tally", "Add", (thing, str(amount)))
        if code is None:
            return Wrong(
                Text("合约接受了数量 {n}。", "The contract takes the amount {n}.", n=amount),
                Text(
                    "规则的两头都要管住；改好后重新载入。",
                    "The rule has two ends; load the contract again after mending it.",
                ),
            )
        if not code:
            return Wrong(
                Text(
                    "数量 {n} 让合约出错，而不是被它拒绝。",
                    "The amount {n} breaks the contract instead of being refused.",
                    n=amount,
                ),
                Text("用 ChaincodeError 拒绝，并写明代码。", "Refuse by ChaincodeError, with a code."),
            )
    for amount in (1, 10):
        if (code := _refusal(seen, "tally", "Add", (thing, str(amount)))) is not None:
            return Wrong(
                Text("合约拒绝了数量 {n}：{c}。", "The contract refuses the amount {n}: {c}.", n=amount, c=code or "?"),
                Text("1 和 10 都在范围之内。", "1 and 10 are within the rule."),
            )
    return None


def _refusal(seen: Seen, contract: str, function: str, args: Iterable[str], identity: str = "") -> str | None:
    """The code with which a contract refuses a call, "" where it breaks without one; None where it takes it."""
    try:
        seen.platform.contracts.query(seen.network, contract, function, tuple(args), identity=identity)
    except CityChainError as error:
        return contract_code(error) or ""
    return None


# -- upgrades ------------------------------------------------------------------------------------------
def _upgrade(seen: Seen) -> int | None:
    """The block in which another version of `things` came into force."""
    first, *later = seen.chain.definitions("things")
    return next((block for block, one in later if one.version != first[1].version), None)


@check("things-upgraded")
def things_upgraded(seen: Seen) -> Wrong | None:
    """A second definition with another version is in force."""
    if _upgrade(seen) is not None:
        return None
    others = [one for one in seen.chain.contracts if one != "things"]
    if others:
        return Wrong(
            Text(
                "另外部署了合约 {o}，things 还是旧版本。",
                "A contract {o} was put in force; things is as it was.",
                o=", ".join(others),
            ),
            Text(
                "换了名字就是另一份合约，看不到原来的数据。",
                "Under another name it is another contract, without the data.",
            ),
        )
    return Wrong(
        Text("合约 things 还是 1.0.0。", "The contract things is at 1.0.0 still."),
        Text(
            "版本号写在源码里；改好后再部署一次。",
            "Its version stands in the source; deploy it again after changing that.",
        ),
    )


@check("data-kept")
def data_kept(seen: Seen) -> Wrong | None:
    """Owner and value of the three things are as before the upgrade."""
    upgrade = _upgrade(seen)
    before = seen.chain.until(upgrade or seen.chain.height)
    for key in ("A-1", "A-2", "A-3"):
        was, now = thing_of(before, key), thing_of(seen.chain, key)
        if was is None or now is None or any(was.get(one) != now.get(one) for one in ("owner", "value")):
            return Wrong(
                Text(
                    "{k} 的主人或价值变了：原为 {w}，现为 {n}。",
                    "Owner or value of {k} have changed: {w} before, {n} now.",
                    k=key,
                    w=_shown(was),
                    n=_shown(now),
                ),
                Text(
                    "新方法只应改说明，其他内容原样写回。",
                    "The new function changes the description alone; what else a thing has is written back as it was.",
                ),
            )
    return None


def _shown(thing: dict[str, object] | None) -> str:
    return "—" if thing is None else str(thing.get("value", "—"))


@check("renamed")
def renamed(seen: Seen) -> Wrong | None:
    """A valid Rename after the upgrade changed the description of A-1."""
    upgrade = _upgrade(seen)
    made = [one for one in seen.chain.valid("things", "Rename") if one.args[:1] == ("A-1",)]
    made = [one for one in made if upgrade is not None and one.block > upgrade]
    if not made:
        return Wrong(
            Text("没有用 Rename 改过 A-1 的交易。", "No transaction has changed A-1 by Rename."),
            Text(
                "方法名区分大小写；改说明是提交，不是查询。",
                "Functions heed capital letters; this is an invocation, not a query.",
            ),
        )
    thing = thing_of(seen.chain, "A-1") or {}
    if thing.get("description") not in ("自行车", None) and thing.get("description") == made[-1].args[1]:
        return None
    return Wrong(
        Text(
            "Rename 执行了，A-1 的说明却是“{d}”。",
            "Rename was called, but A-1 is described as {d}.",
            d=str(thing.get("description")),
        ),
        Text("看 Rename 写回的是不是新的说明。", "See whether Rename writes the new description back."),
    )


@check("rename-guarded", chain=False)
def rename_guarded(seen: Seen) -> Wrong | None:
    """Somebody who owns nothing is refused."""
    if _refusal(seen, "things", "Rename", ("A-2", "x")) is not None:
        return Wrong(
            Text("主人自己也改不了 A-2 的说明。", "Not even its owner can change the description of A-2."),
            Text("先让主人能改，再拒绝别人。", "First let the owner, then refuse others."),
        )
    if _refusal(seen, "things", "Rename", ("A-2", "x"), "DataBureauMSP/guest") is not None:
        return None
    return Wrong(
        Text(
            "不是主人的 DataBureauMSP/guest 也能改说明。", "DataBureauMSP/guest, who owns nothing, can change it too."
        ),
        Text("看看 Change 是怎样把关的。", "See how Change guards it."),
    )


# -- policies and private data -------------------------------------------------------------------------
@check("policy-both")
def policy_both(seen: Seen) -> Wrong | None:
    """No combination of endorsements without both organisations satisfies the policy in force."""
    if (wrong := _in_force(seen, "things")) is not None:
        return wrong
    lone = _enough_alone(seen.chain)
    if not lone:
        return None
    return Wrong(
        Text(
            "{w} 背书就够了，不需要另一家。", "{w} is enough; the other organisation is not needed.", w=" + ".join(lone)
        ),
        Text("用 chaincode explain 把您的策略读一遍。", "Read your policy by chaincode explain."),
    )


def _enough_alone(chain: Chain) -> tuple[str, ...]:
    """Organisations that satisfy the policy of `things` without both of ours."""
    from baas.services.definitions import DEFAULT_POLICY, policy_envelope
    from fabric_sdk.policy import minimal_sets

    definition = chain.definitions("things")[-1][1]
    envelope = policy_envelope(definition.endorsement_policy or DEFAULT_POLICY, chain.authority)
    for one in minimal_sets(envelope):
        members = {name.rpartition(".")[0] for name in one}
        if not members >= BOTH:
            return tuple(sorted(members))
    return ()


@check("both-endorsed")
def both_endorsed(seen: Seen) -> Wrong | None:
    """A-1 was entered with endorsements of both."""
    made = [one for one in seen.chain.valid("things", "Create") if one.args[:1] == ("A-1",)]
    if not made:
        return _no_thing(seen.chain, "A-1")
    if made[0].endorsers >= BOTH:
        return None
    return Wrong(
        Text("A-1 只有 {e} 背书。", "A-1 has the endorsement of {e} alone.", e=", ".join(sorted(made[0].endorsers))),
        Text("策略生效之后再登记。", "Enter it after the policy is in force."),
    )


@check("alone-refused")
def alone_refused(seen: Seen) -> Wrong | None:
    """A transaction with one endorsement got into a block and was judged invalid."""
    calls = seen.chain.of("things")
    if any(one.code == "ENDORSEMENT_POLICY_FAILURE" and len(one.endorsers) == 1 for one in calls):
        return None
    passed = [one for one in calls if one.valid and one.function == "Change" and len(one.endorsers) == 1]
    if passed:
        return Wrong(
            Text(
                "只有 {e} 背书的更改生效了。",
                "A change with the endorsement of {e} alone counted.",
                e=", ".join(sorted(passed[-1].endorsers)),
            ),
            Text(
                "那时的策略只要一家；先改策略，再试。",
                "The policy of that time asked for one; change it first, then try again.",
            ),
        )
    return Wrong(
        Text("区块里没有因背书不足而无效的交易。", "No block has a transaction that lacks an endorsement."),
        Text("请求背书时可以只指定一家。", "Whom to ask for endorsements can be said."),
    )


@check("prices-kept")
def prices_kept(seen: Seen) -> Wrong | None:
    """The hospital alone is a member of the collection `prices`."""
    from fabric_sdk.policy import minimal_sets, parse

    if (wrong := _in_force(seen, "quotes")) is not None:
        return wrong
    collections = seen.chain.definitions("quotes")[-1][1].collections
    found = next((one for one in collections if one.name == "prices"), None)
    if found is None:
        return Wrong(
            Text("定义里没有集合 prices。", "The definition has no collection prices."),
            Text("部署时要给出集合文件。", "Deploying takes a file of collections."),
        )
    members = {name.rpartition(".")[0] for one in minimal_sets(parse(found.to_json()["policy"])) for name in one}
    if members == {HOSPITAL}:
        return None
    return Wrong(
        Text("集合 prices 由 {m} 存放。", "The collection prices lies with {m}.", m=", ".join(sorted(members))),
        Text(
            "集合的 policy 决定谁存放；改好后再部署一次。",
            "A collection's policy says who keeps it; deploy again after changing it.",
        ),
    )


def _offers(chain: Chain) -> list[Happened]:
    offers = [one for one in chain.valid("quotes", "Offer") if one.args[:1] == ("Q-1",)]
    return [one for one in offers if ("quotes", "prices") in one.hidden]


@check("offer-made")
def offer_made(seen: Seen) -> Wrong | None:
    """Q-1 was offered with a write to the collection, after the collection was the hospital's alone."""
    if _offers(seen.chain):
        return None
    return Wrong(
        Text(
            "没有把 Q-1 的价格写进集合 prices 的交易。",
            "No transaction wrote the price of Q-1 to the collection prices.",
        ),
        Text("价格要作为临时数据交给合约。", "The price goes to the contract as transient data."),
    )


@check("price-hidden", chain=False)
def price_hidden(seen: Seen) -> Wrong | None:
    """The price that the hospital's peer gives stands in no block."""
    price = seen.platform.contracts.query(
        seen.network, "quotes", "Price", ("Q-1",), identity=f"{HOSPITAL}/admin"
    ).payload
    price = price.strip().strip(b'"')
    if len(price) < 5:
        return Wrong(
            Text("医院的节点给不出至少五位的价格。", "The hospital's peer gives no price of five digits."),
            Text("看 price.json，再写入一次。", "See price.json, and write it once more."),
        )
    block = seen.chain.holds(price)
    if block is None:
        return None
    return Wrong(
        Text(
            "价格明文出现在区块 {b}，所有成员都能看到。",
            "The price stands in clear in block {b}, for every member to see.",
            b=block,
        ),
        Text(
            "区块不能改；换一个价格，只作为临时数据交出去。",
            "No block can be changed: take another price, and give it as transient data alone.",
        ),
    )
