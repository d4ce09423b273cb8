"""The tutorial, made from the labs: `python -m apps.labs.tutorial en > docs/tutorial.md`, and zh likewise."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from apps.labs.lab import Lab, course, paths
from baas.errors import Lang, Text

OTHER = {"en": "[中文](tutorial.zh-CN.md)", "zh": "[English](tutorial.md)"}
INTRODUCTION = Text(
    "教程由实训的数据生成，每项实训都有自动检查。实训在自己的小网络中进行，不影响城市的网络；`reset` 会整个删除。"
    "大写的 CODE 是您自己的实训码，DAY 是一个将来的日期，`citychain lab show` 会替您填好；"
    "其他大写的词由您自己填。在控制台中，实训页有同样的步骤。",
    "The tutorial is made from the labs' data, and every lab is checked automatically. A lab is done in a small "
    "network of its own; the city's networks are not touched, and `reset` removes it whole. CODE is your own code of "
    "a lab and DAY a day to come: `citychain lab show` fills them in; other words in capital letters are yours to fill "
    "in. In the console, the page Training has the same steps.",
)
FINISHED = Text(
    "一条路径全部通过后，写出提交文件，交给考核人。考核人在自己的电脑上核对：区块的签名、您的实训码，"
    "并重做只需要区块的检查；然后由考核人签发凭证，没有人能给自己签发。"
    "备份、演练这类不在区块里的检查，只有您自己的签名；文件也不能说明坐在键盘前的是谁：这些由考核人负责。",
    "When a path is finished, write it to a file and give it to an assessor, who checks it on a machine of their own: "
    "the blocks' signatures, your code, and once more whatever needs blocks alone. The assessor then signs the "
    "credential; nobody signs their own. For what stands in no block, such as a backup or a drill, there is your own "
    "signature alone, and who sat at the keyboard no file can show: that is the assessor's to know.",
)


def tutorial(lang: Lang) -> str:
    """The whole tutorial in one language."""
    return "\n".join(_lines(lang)) + "\n"


def _lines(lang: Lang) -> Iterator[str]:
    def say(zh: str, en: str) -> str:
        return zh if lang == "zh" else en

    yield f"# {say('教程', 'Tutorial')}"
    yield ""
    yield OTHER[lang]
    yield ""
    yield INTRODUCTION.render(lang)
    yield ""
    for path in paths():
        titles = " → ".join(course()[one].title.render(lang) for one in path.labs)
        yield f"- **{path.title.render(lang)}** (`{path.id}`){say('：', ': ')}{titles}"
    yield ""
    yield from _block(
        [
            "citychain lab list",
            "citychain lab start first-network",
            "citychain lab show first-network",
            "citychain lab check first-network",
            "citychain lab reset first-network",
        ]
    )
    yield ""
    yield say(
        "`start` 打印两行，在终端里运行它们：此后的命令作用于实训工作区和实训文件夹。",
        "`start` prints two lines; run them in the terminal, and commands work in the lab's workspace and folder.",
    )
    for number, lab in enumerate(course().values(), 1):
        yield ""
        yield from _lab(number, lab, lang)
    yield ""
    yield f"## {say('凭证', 'The credential')}"
    yield FINISHED.render(lang)
    yield from _block(
        [
            'citychain lab hand-in operator hand-in.zip --name "王小明" --as HospitalMSP/nurse',
            "citychain lab assess hand-in.zip",
            "citychain lab assess hand-in.zip --until 2027-12-31 --output credential.json",
        ]
    )


def _lab(number: int, lab: Lab, lang: Lang) -> Iterator[str]:
    colon = "：" if lang == "zh" else ": "
    yield f"## {number}. {lab.title.render(lang)}"
    minutes = f"约 {lab.minutes} 分钟" if lang == "zh" else f"about {lab.minutes} minutes"
    yield f"`{lab.id}` · {minutes}" + (
        f" · {'先做' if lang == 'zh' else 'after'} {', '.join(f'`{one}`' for one in lab.after)}" if lab.after else ""
    )
    yield ""
    yield lab.goal.render(lang)
    yield ""
    for at, step in enumerate(lab.steps, 1):
        yield f"{at}. {step.words.render(lang)}"
        if step.commands:
            yield from _block(step.commands)
    if lab.questions:
        yield ""
        for question in lab.questions:
            yield f"- `{question.id}`{colon}{question.words.render(lang)}"
    yield ""
    yield (
        ("检查：" if lang == "zh" else "Checked: ")
        + ("；" if lang == "zh" else "; ").join(one.words.render(lang) for one in lab.checks)
        + ("。" if lang == "zh" else ".")
    )


def _block(commands: object) -> Iterator[str]:
    yield "```"
    yield from commands  # type: ignore[misc]
    yield "```"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(tutorial("zh" if sys.argv[1:] == ["zh"] else "en"))
