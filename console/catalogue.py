"""Every page of the console, in the rail's order; the applications' own come from their manifests."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from console.context import Context
from console.i18n import tr
from console.page import Page, PageSpec
from console.scenes import scenes_of
from console.shell import finding

if TYPE_CHECKING:
    from baas.applications import Applications
    from baas.platform import Platform


def allowed(*permissions: str) -> Callable[[Context], bool]:
    """Return a check that the acting person has every one of `permissions`."""

    def check(context: Context) -> bool:
        session = context.platform.session
        return all(session.allows(permission) for permission in permissions)

    return check


def maker(module: str, name: str) -> Callable[[Context], Page]:
    """Return a function that imports and makes a page when it is first opened."""

    def make(context: Context) -> Page:
        page: Page = getattr(importlib.import_module(module), name)(context)
        return page

    return make


def _alerts(platform: Platform, network: str) -> int:
    """How many alerts of a network nobody has taken up."""
    if not platform.session.allows(roles.NETWORK_READ) or network not in platform.networks.names():
        return 0
    return sum(1 for one in platform.monitor.alerts(network) if one.open)


def platform_pages() -> list[PageSpec]:
    """Return the platform's own pages."""
    return [
        PageSpec(
            "overview",
            lambda: tr("总览"),
            "overview",
            maker("console.pages.overview", "OverviewPage"),
            scenes=scenes_of("console.pages.overview.scenes"),
            help=lambda: tr(
                "总览列出正在运行的网络与应用、需要您处理的事，以及建议的下一步。工作区为空时，可从一键体验开始。"
            ),
        ),
        PageSpec(
            "networks",
            lambda: tr("网络"),
            "network",
            maker("console.pages.network", "NetworkPage"),
            help=lambda: tr(
                "在这里新建、扩展、启停网络，查看拓扑、日志和通道配置。配置更改需要多个组织签名时，"
                "可导出请求文件并在签名收件箱收集，不需要任何服务器。"
            ),
            allowed=allowed(roles.NETWORK_READ, roles.IDENTITY_READ),
            scenes=scenes_of("console.pages.network.scenes"),
            dialogs=scenes_of("console.pages.network.scenes", "dialogs"),
            find=finding.networks,
        ),
        PageSpec(
            "identities",
            lambda: tr("身份"),
            "identity",
            maker("console.pages.identities", "IdentitiesPage"),
            help=lambda: tr(
                "各组织的证书按到期时间排列。可签发、续期、吊销身份；吊销会写入通道配置，各节点随即拒绝该证书。私钥始终加密保存。"
            ),
            allowed=allowed(roles.IDENTITY_READ),
            scenes=scenes_of("console.pages.identities.scenes"),
            dialogs=scenes_of("console.pages.identities.scenes", "dialogs"),
            find=finding.identities,
        ),
        PageSpec(
            "contracts",
            lambda: tr("合约"),
            "contract",
            maker("console.pages.contracts", "ContractsPage"),
            help=lambda: tr(
                "看板显示每个组织的安装、批准与提交。可部署和升级合约、编辑背书策略，并按合约自述的方法生成表单来调用。"
            ),
            allowed=allowed(roles.CONTRACT_READ),
            scenes=scenes_of("console.pages.contracts.scenes"),
            dialogs=scenes_of("console.pages.contracts.scenes", "dialogs"),
            find=finding.contracts,
        ),
        PageSpec(
            "ledger",
            lambda: tr("账本"),
            "ledger",
            maker("console.pages.ledger", "LedgerPage"),
            help=lambda: tr("浏览区块与交易，查看键的历史，解剖一笔交易为什么有效或作废，并从创世区块起校验整条链。"),
            allowed=allowed(roles.LEDGER_READ),
            scenes=scenes_of("console.pages.ledger.scenes"),
        ),
        PageSpec(
            "monitor",
            lambda: tr("监控"),
            "activity",
            maker("console.pages.monitor", "MonitorPage"),
            section="platform",
            allowed=allowed(roles.NETWORK_READ),
            scenes=scenes_of("console.pages.monitor.scenes"),
            dialogs=scenes_of("console.pages.monitor.scenes", "dialogs"),
            badge=_alerts,
            help=lambda: tr(
                "每秒查看一次节点、交易、时延和磁盘，保留一年。出现异常时在桌面提示，也可发送到一个网址。"
                "关闭工作台后仍要监控时，运行 citychain serve monitor。"
            ),
        ),
        PageSpec(
            "audit",
            lambda: tr("审计"),
            "shield",
            maker("console.pages.audit", "AuditPage"),
            section="platform",
            allowed=allowed(roles.AUDIT_READ),
            scenes=scenes_of("console.pages.audit.scenes"),
            help=lambda: tr(
                "谁在何时经由哪个入口做了什么，结果如何。每行含上一行的哈希，最新的哈希每天封存在账本上，"
                "改动或删去的行都能查出。可导出，离线核对。"
            ),
        ),
        PageSpec(
            "tokens",
            lambda: tr("API 令牌"),
            "key",
            maker("console.pages.tokens", "TokensPage"),
            section="platform",
            allowed=allowed(roles.API_MANAGE),
            scenes=scenes_of("console.pages.tokens.scenes"),
            dialogs=scenes_of("console.pages.tokens.scenes", "dialogs"),
            help=lambda: tr(
                "程序凭令牌调用服务接口（citychain serve api）。令牌有范围和期限，只显示一次，可随时吊销。"
                "公示的网络由同一接口以网页向所有人显示状态和区块。"
            ),
        ),
        PageSpec(
            "training",
            lambda: tr("实训"),
            "award",
            maker("console.pages.training", "TrainingPage"),
            section="platform",
            scenes=scenes_of("console.pages.training.scenes"),
            dialogs=scenes_of("console.pages.training.scenes", "dialogs"),
            help=lambda: tr(
                "每项实训在自己的小网络中动手完成，由系统检查账本和网络，不影响城市的网络。"
                "一条路径全部通过后可以提交，由考核人签发凭证。"
            ),
        ),
        PageSpec(
            "doctor",
            lambda: tr("体检"),
            "doctor",
            maker("console.pages.doctor", "DoctorPage"),
            section="foot",
            scenes=scenes_of("console.pages.doctor.scenes"),
            help=lambda: tr("检查本机与工作区：程序、磁盘、端口、证书、账本。每项不正常都附有处理办法。"),
        ),
        PageSpec(
            "settings",
            lambda: tr("设置"),
            "settings",
            maker("console.pages.settings", "SettingsPage"),
            section="foot",
            scenes=scenes_of("console.pages.settings.scenes"),
            dialogs=scenes_of("console.pages.settings.scenes", "dialogs"),
            help=lambda: tr("语言、外观、密钥库的空闲锁定、备份与恢复。"),
        ),
    ]


def application_pages(applications: Applications) -> list[PageSpec]:
    """Return the installed applications' pages; each manifest names `PageSpec`s."""
    return [spec for manifest in applications.all() for spec in manifest.page_specs()]


def page_packages(applications: Applications) -> tuple[str, ...]:
    """Return the packages that hold the applications' pages and the views made by hand, each with its translations."""
    found: dict[str, None] = {}
    for manifest in applications.all():
        for reference in manifest.shown():
            try:
                spec = importlib.util.find_spec(reference.partition(":")[0])
            except ImportError:  # its page will say so; the others are shown all the same
                continue
            if spec is not None:
                found[spec.name if spec.submodule_search_locations else spec.parent or spec.name] = None
    return tuple(found)


def application_catalogues(applications: Applications) -> tuple[Path, ...]:
    """Return the folders of the applications' translations."""
    specs = [importlib.util.find_spec(name) for name in page_packages(applications)]
    return tuple(Path(one.origin).parent for one in specs if one is not None and one.origin)


def all_pages(applications: Applications) -> list[PageSpec]:
    """Return every page in the rail's order."""
    own = platform_pages()
    head = [page for page in own if page.section == ""]
    platform = [page for page in own if page.section == "platform"]
    foot = [page for page in own if page.section == "foot"]
    return head + application_pages(applications) + platform + foot
