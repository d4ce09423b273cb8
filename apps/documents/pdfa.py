"""A small PDF/A-2b writer (ISO 19005-2): pages of text, lines, squares and circles, every glyph embedded.

Fonts are Type 0 with Identity-H and a ToUnicode map, colours are sRGB with an output intent, metadata is XMP. Units
are points from the page's lower left corner.
"""

from __future__ import annotations

import io
import math
import zlib
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.metadata.xmp_xml import MetadataStream, parse_xmp
from pyhanko.pdf_utils.writer import PdfFileWriter

from apps.documents.typeface import Face, Faces, subset

A4 = (595.28, 841.89)
Colour = tuple[float, float, float]
BLACK: Colour = (0.12, 0.12, 0.12)
PRODUCER = "CityChain"


class Page:
    """One page being drawn."""

    def __init__(self, faces: Faces) -> None:
        self.faces = faces
        self._operations: list[str | tuple[Face, float, str, str]] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        colour: Colour = BLACK,
        align: str = "left",
        spacing: float = 0.0,
        angle: float = 0.0,
    ) -> float:
        """Set one line with its baseline at (x, y); returns its width."""
        width = self.faces.width(text, size) + spacing * max(0, len(text) - 1)
        if align == "center":
            x -= width / 2
        elif align == "right":
            x -= width
        cos, sin = math.cos(angle), math.sin(angle)
        for face, run in self.faces.runs(text):
            head = f"{_rgb(colour)} rg BT {spacing:.3f} Tc {cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} {x:.3f} {y:.3f} Tm"
            self._operations.append((face, size, head, run))
            advance = sum(face.width(letter) for letter in run) * size / 1000 + spacing * len(run)
            x, y = x + advance * cos, y + advance * sin
        return width

    def line(self, x1: float, y1: float, x2: float, y2: float, width: float = 0.6, colour: Colour = BLACK) -> None:
        self._operations.append(f"{_rgb(colour)} RG {width} w {x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l S")

    def frame(self, x: float, y: float, w: float, h: float, width: float = 0.8, colour: Colour = BLACK) -> None:
        self._operations.append(f"{_rgb(colour)} RG {width} w {x:.2f} {y:.2f} {w:.2f} {h:.2f} re S")

    def squares(self, cells: list[tuple[float, float, float]], colour: Colour = BLACK) -> None:
        """Filled squares (x, y, side), such as a QR code's."""
        body = " ".join(f"{x:.3f} {y:.3f} {side:.3f} {side:.3f} re" for x, y, side in cells)
        self._operations.append(f"{_rgb(colour)} rg {body} f")

    def circle(self, x: float, y: float, radius: float, width: float = 1.0, colour: Colour = BLACK) -> None:
        k = 0.5522847 * radius
        self._operations.append(
            f"{_rgb(colour)} RG {width} w {x + radius:.3f} {y:.3f} m "
            f"{x + radius:.3f} {y + k:.3f} {x + k:.3f} {y + radius:.3f} {x:.3f} {y + radius:.3f} c "
            f"{x - k:.3f} {y + radius:.3f} {x - radius:.3f} {y + k:.3f} {x - radius:.3f} {y:.3f} c "
            f"{x - radius:.3f} {y - k:.3f} {x - k:.3f} {y - radius:.3f} {x:.3f} {y - radius:.3f} c "
            f"{x + k:.3f} {y - radius:.3f} {x + radius:.3f} {y - k:.3f} {x + radius:.3f} {y:.3f} c S"
        )

    def star(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled five-pointed star."""
        points = []
        for number in range(10):
            r = radius if number % 2 == 0 else radius * 0.382
            angle = math.pi / 2 + number * math.pi / 5
            points.append(f"{x + r * math.cos(angle):.3f} {y + r * math.sin(angle):.3f}")
        self._operations.append(f"{_rgb(colour)} rg {points[0]} m " + " ".join(f"{p} l" for p in points[1:]) + " h f")

    def render(self, resources: dict[Face, tuple[str, dict[str, int]]]) -> bytes:
        """The content stream."""
        out = []
        for operation in self._operations:
            if isinstance(operation, str):
                out.append(operation)
                continue
            face, size, head, run = operation
            name, codes = resources[face]
            hexed = "".join(f"{codes[letter]:04X}" for letter in run)
            out.append(f"{head} /{name} {size:.2f} Tf <{hexed}> Tj ET")
        return "\n".join(out).encode()


def _rgb(colour: Colour) -> str:
    return " ".join(f"{part:.3f}" for part in colour)


def document(pages: list[Page], *, title: str, author: str, created: datetime) -> bytes:
    """Write a finished document, ready to be signed."""
    writer = PdfFileWriter(stream_xrefs=False)
    faces: dict[Face, tuple[str, dict[str, int]]] = {}
    fonts = generic.DictionaryObject()
    for page in pages:
        for face in page.faces.opened:
            if face.used and not any(face is one for one in faces):
                name = f"F{len(faces) + 1}"
                reference, codes = _font(writer, face, len(faces))
                faces[face] = (name, codes)
                fonts[pdf_name("/" + name)] = reference
    resources = generic.DictionaryObject({pdf_name("/Font"): fonts})
    for page in pages:
        content = generic.StreamObject(encoded_data=zlib.compress(page.render(faces)))
        content[pdf_name("/Filter")] = pdf_name("/FlateDecode")
        body = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Page"),
                pdf_name("/MediaBox"): generic.ArrayObject([generic.FloatObject(v) for v in (0, 0, *A4)]),
                pdf_name("/Resources"): resources,
                pdf_name("/Contents"): writer.add_object(content),
            }
        )
        writer.insert_page(body)
    _describe(writer, title, author, created)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _describe(writer: PdfFileWriter, title: str, author: str, created: datetime) -> None:
    """Document information, XMP, output intent and language, all saying the same."""
    stamp = created.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    xmp = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{escape(author)}</rdf:li></rdf:Seq></dc:creator>
<pdf:Producer>{PRODUCER}</pdf:Producer><xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool>
<xmp:CreateDate>{stamp}</xmp:CreateDate><xmp:ModifyDate>{stamp}</xmp:ModifyDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
    metadata = MetadataStream.from_xmp(parse_xmp(io.BytesIO(xmp.encode())))  # pyHanko keeps up this form only
    root = writer.root
    root[pdf_name("/Metadata")] = writer.add_object(metadata)
    root[pdf_name("/Lang")] = generic.pdf_string("zh-CN")
    root[pdf_name("/OutputIntents")] = generic.ArrayObject([writer.add_object(_output_intent(writer))])
    date = generic.pdf_string(created.strftime("D:%Y%m%d%H%M%S+00'00'"))
    info = generic.DictionaryObject(
        {
            pdf_name("/Title"): generic.pdf_string(title),
            pdf_name("/Author"): generic.pdf_string(author),
            pdf_name("/Creator"): generic.pdf_string(PRODUCER),
            pdf_name("/Producer"): generic.pdf_string(PRODUCER),
            pdf_name("/CreationDate"): date,
            pdf_name("/ModDate"): date,
        }
    )
    writer.set_info(writer.add_object(info))


def _output_intent(writer: PdfFileWriter) -> Any:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stream = generic.StreamObject(encoded_data=zlib.compress(profile))
    stream[pdf_name("/Filter")] = pdf_name("/FlateDecode")
    stream[pdf_name("/N")] = generic.NumberObject(3)
    return generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/OutputIntent"),
            pdf_name("/S"): pdf_name("/GTS_PDFA1"),
            pdf_name("/OutputConditionIdentifier"): generic.pdf_string("sRGB"),
            pdf_name("/Info"): generic.pdf_string("sRGB IEC61966-2.1"),
            pdf_name("/DestOutputProfile"): writer.add_object(stream),
        }
    )


def _font(writer: PdfFileWriter, face: Face, number: int) -> tuple[Any, dict[str, int]]:
    program, is_cff, codes = subset(face)
    tag = "".join(chr(ord("A") + (number * 7 + shift * 5) % 26) for shift in range(6))
    name = pdf_name(f"/{tag}+{face.name}")
    file = generic.StreamObject(encoded_data=zlib.compress(program))
    file[pdf_name("/Filter")] = pdf_name("/FlateDecode")
    if is_cff:
        file[pdf_name("/Subtype")] = pdf_name("/CIDFontType0C")
    scale = 1000 / face.units
    head, hhea = face.font["head"], face.font["hhea"]
    descriptor = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/FontDescriptor"),
            pdf_name("/FontName"): name,
            pdf_name("/Flags"): generic.NumberObject(4),
            pdf_name("/FontBBox"): generic.ArrayObject(
                [generic.NumberObject(round(v * scale)) for v in (head.xMin, head.yMin, head.xMax, head.yMax)]
            ),
            pdf_name("/ItalicAngle"): generic.NumberObject(0),
            pdf_name("/Ascent"): generic.NumberObject(round(hhea.ascent * scale)),
            pdf_name("/Descent"): generic.NumberObject(round(hhea.descent * scale)),
            pdf_name("/CapHeight"): generic.NumberObject(round(hhea.ascent * scale * 0.8)),
            pdf_name("/StemV"): generic.NumberObject(80),
            pdf_name("/FontFile3" if is_cff else "/FontFile2"): writer.add_object(file),
        }
    )
    widths = generic.ArrayObject()
    for letter, code in sorted(codes.items(), key=lambda one: one[1]):
        widths.append(generic.NumberObject(code))
        widths.append(generic.ArrayObject([generic.FloatObject(round(face.width(letter), 2))]))
    descendant = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Font"),
            pdf_name("/Subtype"): pdf_name("/CIDFontType0" if is_cff else "/CIDFontType2"),
            pdf_name("/BaseFont"): name,
            pdf_name("/CIDSystemInfo"): generic.DictionaryObject(
                {
                    pdf_name("/Registry"): generic.pdf_string("Adobe"),
                    pdf_name("/Ordering"): generic.pdf_string("Identity"),
                    pdf_name("/Supplement"): generic.NumberObject(0),
                }
            ),
            pdf_name("/FontDescriptor"): writer.add_object(descriptor),
            pdf_name("/DW"): generic.NumberObject(1000),
            pdf_name("/W"): widths,
        }
    )
    if not is_cff:
        descendant[pdf_name("/CIDToGIDMap")] = pdf_name("/Identity")
    unicode_map = generic.StreamObject(stream_data=_to_unicode(codes))
    font = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Font"),
            pdf_name("/Subtype"): pdf_name("/Type0"),
            pdf_name("/BaseFont"): name,
            pdf_name("/Encoding"): pdf_name("/Identity-H"),
            pdf_name("/DescendantFonts"): generic.ArrayObject([writer.add_object(descendant)]),
            pdf_name("/ToUnicode"): writer.add_object(unicode_map),
        }
    )
    return writer.add_object(font), codes


def _to_unicode(codes: dict[str, int]) -> bytes:
    """A CMap from codes to text, so that the certificate can be searched and copied."""
    pairs = sorted((code, letter) for letter, code in codes.items())
    blocks = []
    for start in range(0, len(pairs), 100):
        part = pairs[start : start + 100]
        rows = "\n".join(f"<{code:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for code, letter in part)
        blocks.append(f"{len(part)} beginbfchar\n{rows}\nendbfchar")
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n" + "\n".join(blocks) + "\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()
