"""`Engine` on h2 (python-hyper), for installations without libnghttp2. What the peer has no room for is kept here."""

from __future__ import annotations

import time
from collections import deque

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

from fabric_sdk.http2.engine import ENHANCE_YOUR_CALM, Headers, Http2Error, Settings, Sink

_PING = b"citychai"
_FIRST_WINDOW = 65_535


class _Machine(h2.connection.H2ConnectionStateMachine):
    """After the peer's GOAWAY the streams that it still answers go on (RFC 9113, 6.8); h2 would end everything."""

    def process_input(self, input_: h2.connection.ConnectionInputs) -> list[h2.events.Event]:
        if input_ is h2.connection.ConnectionInputs.RECV_GOAWAY:
            return []
        found: list[h2.events.Event] = super().process_input(input_)
        return found


class _Connection(h2.connection.H2Connection):
    def __init__(self, config: h2.config.H2Configuration) -> None:
        super().__init__(config)
        self.state_machine = _Machine()

    def clear_outbound_data_buffer(self) -> None:
        """What was to be sent before the peer's GOAWAY still is."""


class _Outgoing:
    """What one stream still has to say."""

    __slots__ = ("chunks", "end", "trailers")

    def __init__(self) -> None:
        self.chunks: deque[memoryview] = deque()
        self.trailers: Headers | None = None
        self.end = False


class HyperH2:
    """One connection, as `NgHttp2`."""

    def __init__(self, sink: Sink, client: bool, settings: Settings) -> None:
        self._sink = sink
        self._client = client
        config = h2.config.H2Configuration(client_side=client, header_encoding=None)
        self._connection = connection = _Connection(config)
        values = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: settings.stream_window}
        if client:
            values[h2.settings.SettingCodes.ENABLE_PUSH] = 0
        else:
            values[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] = settings.streams
        values[h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE] = settings.header_bytes
        connection.local_settings = h2.settings.Settings(client=client, initial_values=values)
        connection.max_inbound_frame_size = connection.local_settings.max_frame_size
        connection.decoder.max_header_list_size = settings.header_bytes
        connection.initiate_connection()
        if settings.connection_window > _FIRST_WINDOW:
            connection.increment_flow_control_window(settings.connection_window - _FIRST_WINDOW)
        self._outgoing: dict[int, _Outgoing] = {}
        self._unopened: deque[tuple[int, Headers]] = deque()
        self._next = 1
        self._untaken: dict[int, int] = {}
        self._half: dict[int, int] = {}
        """streams by how many of their two directions are still open"""
        self._resets = _Bucket(*settings.resets)
        self._last_stream = 0
        self._over = False
        self._no_more = False

    def receive(self, data: bytes) -> None:
        if self._over:
            raise Http2Error("the connection is over")
        try:
            events = self._connection.receive_data(data)
        except h2.exceptions.ProtocolError as e:
            self._over = True
            raise Http2Error(str(e) or type(e).__name__) from e
        except Exception as e:  # h2 lets a few others through (hpack's, hyperframe's, KeyError)
            self._over = True
            raise Http2Error(repr(e)) from e
        try:
            for event in events:
                self._take(event)
        except h2.exceptions.ProtocolError as e:
            self._over = True
            raise Http2Error(str(e) or type(e).__name__) from e

    def _take(self, event: h2.events.Event) -> None:
        kind = type(event)
        sink = self._sink
        if isinstance(event, h2.events.DataReceived):
            stream = event.stream_id
            size = event.flow_controlled_length
            padding = size - len(event.data)
            if padding:
                self._acknowledge(stream, padding)
            end = event.stream_ended is not None
            if sink.on_data(stream, event.data, end):
                self._untaken[stream] = self._untaken.get(stream, 0) + len(event.data)
            elif event.data:
                self._acknowledge(stream, len(event.data))
            if end:
                self._half_closed(stream)
        elif isinstance(event, (h2.events.RequestReceived, h2.events.ResponseReceived, h2.events.TrailersReceived)):
            stream = event.stream_id
            if kind is h2.events.RequestReceived:
                self._half[stream] = 2
                self._last_stream = max(self._last_stream, stream)
            end = event.stream_ended is not None
            sink.on_headers(stream, event.headers, end or kind is h2.events.TrailersReceived)
            if end:
                self._half_closed(stream)
        elif isinstance(event, h2.events.StreamReset):
            if not self._client and event.remote_reset and not self._resets.take():
                self.goaway(ENHANCE_YOUR_CALM)
                self._over = True
            self._closed(event.stream_id, int(event.error_code))
        elif kind in (h2.events.WindowUpdated, h2.events.RemoteSettingsChanged):
            self._drain()
            sink.on_window()
        else:
            self._take_rest(event)

    def _take_rest(self, event: h2.events.Event) -> None:
        sink = self._sink
        if isinstance(event, h2.events.PingAckReceived):
            sink.on_pong()
        elif isinstance(event, h2.events.ConnectionTerminated):
            self._no_more = True
            sink.on_goaway(event.last_stream_id or 0, int(event.error_code or 0))
            if not self._half:
                self._over = True

    def take(self) -> bytes:
        return self._connection.data_to_send()

    @property
    def over(self) -> bool:
        return self._over or (self._no_more and not self._half)

    def open(self, headers: Headers, data: bytes, end: bool) -> int:
        if self._over or self._no_more or self._next >= 1 << 31:
            raise Http2Error("the connection takes no new calls")
        stream, self._next = self._next, self._next + 2
        self._half[stream] = 2
        outgoing = self._outgoing[stream] = _Outgoing()
        if data:
            outgoing.chunks.append(memoryview(data))
        outgoing.end = end
        self._unopened.append((stream, headers))
        self._open_more()
        return stream

    def _open_more(self) -> None:
        connection = self._connection
        while self._unopened:
            if connection.open_outbound_streams >= connection.remote_settings.max_concurrent_streams:
                return
            stream, headers = self._unopened.popleft()
            outgoing = self._outgoing.get(stream)
            if outgoing is None:  # given up before it began
                continue
            connection.send_headers(stream, headers, end_stream=outgoing.end and not outgoing.chunks)
            if outgoing.end and not outgoing.chunks:
                del self._outgoing[stream]
                self._half_closed(stream)
            else:
                self._push(stream, outgoing)

    def headers(self, stream: int, headers: Headers, end: bool) -> None:
        if stream not in self._half or self._over:
            return
        self._connection.send_headers(stream, headers, end_stream=end)
        if end:
            self._half_closed(stream)

    def data(self, stream: int, data: bytes, end: bool) -> None:
        if stream not in self._half or self._over:
            return
        outgoing = self._outgoing.setdefault(stream, _Outgoing())
        if data:
            outgoing.chunks.append(memoryview(data))
        outgoing.end = outgoing.end or end
        self._push(stream, outgoing)

    def trailers(self, stream: int, headers: Headers) -> None:
        if stream not in self._half or self._over:
            return
        outgoing = self._outgoing.setdefault(stream, _Outgoing())
        outgoing.trailers = headers
        self._push(stream, outgoing)

    def answer(self, stream: int, headers: Headers, data: bytes, trailers: Headers) -> None:
        self.headers(stream, headers, False)
        self.data(stream, data, False)
        self.trailers(stream, trailers)

    def _push(self, stream: int, outgoing: _Outgoing) -> None:
        """Send what the peer has room for."""
        if any(stream == number for number, _ in self._unopened):
            return
        connection = self._connection
        chunks = outgoing.chunks
        while chunks:
            room = min(connection.local_flow_control_window(stream), connection.max_outbound_frame_size)
            if room <= 0:
                return
            head = chunks[0]
            part, rest = head[:room], head[room:]
            if rest:
                chunks[0] = rest
            else:
                chunks.popleft()
            last = outgoing.end and not chunks
            connection.send_data(stream, bytes(part), end_stream=last)
            if last:
                del self._outgoing[stream]
                self._half_closed(stream)
                return
        if outgoing.trailers is not None:
            del self._outgoing[stream]
            connection.send_headers(stream, outgoing.trailers, end_stream=True)
            self._half_closed(stream)
        elif outgoing.end:
            del self._outgoing[stream]
            connection.end_stream(stream)
            self._half_closed(stream)

    def _drain(self) -> None:
        self._open_more()
        for stream, outgoing in list(self._outgoing.items()):
            try:
                self._push(stream, outgoing)
            except h2.exceptions.StreamClosedError:
                self._outgoing.pop(stream, None)  # its reset came in the same bytes, and is told in its turn

    def reset(self, stream: int, code: int) -> None:
        if self._half.get(stream) is None:
            return
        if any(stream == number for number, _ in self._unopened):
            self._unopened = deque(item for item in self._unopened if item[0] != stream)
            self._half.pop(stream)
            self._outgoing.pop(stream, None)
            return
        try:
            self._connection.reset_stream(stream, code)
        except h2.exceptions.ProtocolError:
            pass  # closed meanwhile
        self._closed(stream, code)

    def consumed(self, stream: int, size: int) -> None:
        left = self._untaken.get(stream, 0)
        size = min(size, left)
        if not size:
            return
        if size == left:
            del self._untaken[stream]
        else:
            self._untaken[stream] = left - size
        self._acknowledge(stream, size)

    def _acknowledge(self, stream: int, size: int) -> None:
        if self._over:
            return
        try:
            self._connection.acknowledge_received_data(size, stream)
        except h2.exceptions.ProtocolError:
            pass

    def queued(self, stream: int | None = None) -> int:
        if stream is None:
            return sum(self.queued(number) for number in self._outgoing)
        outgoing = self._outgoing.get(stream)
        return sum(len(chunk) for chunk in outgoing.chunks) if outgoing is not None else 0

    def ping(self) -> None:
        if not self._over:
            self._connection.ping(_PING)

    def goaway(self, code: int) -> None:
        """Announce that no new streams are taken; h2 itself then takes nothing at all."""
        if self._over:
            return
        try:
            self._connection.close_connection(code, last_stream_id=self._last_stream)
        except h2.exceptions.ProtocolError:
            pass
        self._over = True

    def _half_closed(self, stream: int) -> None:
        left = self._half.get(stream, 0) - 1
        if left > 0:
            self._half[stream] = left
        elif left == 0:
            self._closed(stream, 0)

    def _closed(self, stream: int, code: int) -> None:
        if self._half.pop(stream, None) is None:
            return
        self._outgoing.pop(stream, None)
        left = self._untaken.pop(stream, 0)
        if left:
            self._acknowledge(stream, left)
        self._sink.on_closed(stream, code)
        if self._unopened and not self._over:
            self._open_more()


class _Bucket:
    """How often something may happen: `burst` at once, `rate` a second."""

    def __init__(self, burst: int, rate: int) -> None:
        self._burst, self._rate = burst, rate
        self._left = float(burst)
        self._at = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        self._left -= 1
        return self._left >= 0
