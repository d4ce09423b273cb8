"""`Engine` on libnghttp2."""

from __future__ import annotations

from typing import Any

import ngh2

from fabric_sdk.http2.engine import Headers, Http2Error, Settings, Sink


class NgHttp2:
    """One connection. Flow control is by hand: bytes count as taken when `consumed` says so, or their stream ends."""

    def __init__(self, sink: Sink, client: bool, settings: Settings) -> None:
        self._sink = sink
        config = ngh2.Configuration(
            auto_window_update=False,
            max_inbound_header_list_size=settings.header_bytes,
            max_inbound_header_count=256,
            stream_reset_rate_limit=settings.resets,
        )
        self._connection = connection = ngh2.Connection(ngh2.Role.CLIENT if client else ngh2.Role.SERVER, config)
        wanted = {ngh2.Setting.INITIAL_WINDOW_SIZE: settings.stream_window}
        if client:
            wanted[ngh2.Setting.ENABLE_PUSH] = 0
        else:
            wanted[ngh2.Setting.MAX_CONCURRENT_STREAMS] = settings.streams
            wanted[ngh2.Setting.MAX_HEADER_LIST_SIZE] = settings.header_bytes
        connection.initiate_connection(wanted)
        connection.set_local_window_size(settings.connection_window)
        self._untaken: dict[int, int] = {}
        self._feed = connection.receive_data
        self._events = connection.events

    def receive(self, data: bytes) -> None:
        try:
            self._feed(data)
        except ngh2.NGH2Error as e:
            self._tell()
            raise Http2Error(str(e)) from e
        self._tell()

    def _tell(self) -> None:
        sink, untaken, acknowledge = self._sink, self._untaken, self._acknowledge
        event: Any
        for event in self._events():
            kind = type(event)
            if kind is ngh2.DataReceived:
                stream = event.stream_id
                data = event.data
                if sink.on_data(stream, data, event.end_stream):
                    untaken[stream] = untaken.get(stream, 0) + len(data)
                elif data:
                    acknowledge(len(data), stream)
            elif kind is ngh2.RequestReceived or kind is ngh2.ResponseReceived:
                sink.on_headers(event.stream_id, event.headers, event.end_stream)
            elif kind is ngh2.TrailersReceived:
                sink.on_headers(event.stream_id, event.headers, True)
            elif kind is ngh2.StreamClosed:
                left = untaken.pop(event.stream_id, 0)
                if left:  # its bytes would be missing from the connection's window for ever
                    acknowledge(left, event.stream_id)
                sink.on_closed(event.stream_id, event.error_code)
            elif kind is ngh2.WindowUpdated:
                sink.on_window()
            elif kind is ngh2.PingAcknowledged:
                sink.on_pong()
            elif kind is ngh2.GoAwayReceived:
                sink.on_goaway(event.last_stream_id, event.error_code)

    def _acknowledge(self, size: int, stream: int) -> None:
        try:
            self._connection.acknowledge_received_data(size, stream)
        except (ngh2.NGH2Error, ValueError):
            pass  # the connection is ending

    def take(self) -> bytes:
        try:
            return self._connection.data_to_send()
        except ngh2.NGH2Error:
            return b""

    @property
    def over(self) -> bool:
        return not (self._connection.want_read or self._connection.want_write)

    def open(self, headers: Headers, data: bytes, end: bool) -> int:
        connection = self._connection
        try:
            if end and not data:
                return connection.send_request(headers, end_stream=True)
            stream = connection.send_request(headers)
            if data:
                connection.send_data(stream, data, end_stream=end)
        except ngh2.NGH2Error as e:
            raise Http2Error(str(e)) from e
        return stream

    def headers(self, stream: int, headers: Headers, end: bool) -> None:
        try:
            self._connection.send_response(stream, headers, end_stream=end)
        except ngh2.NGH2Error:
            pass  # the peer gave the stream up meanwhile: nobody waits for it

    def answer(self, stream: int, headers: Headers, data: bytes, trailers: Headers) -> None:
        connection = self._connection
        try:
            connection.send_response(stream, headers)
            connection.send_data(stream, data)
            connection.send_trailers(stream, trailers)
        except ngh2.NGH2Error:
            pass

    def data(self, stream: int, data: bytes, end: bool) -> None:
        try:
            if data:
                self._connection.send_data(stream, data, end_stream=end)
            elif end:
                self._connection.end_stream(stream)
        except ngh2.NGH2Error:
            pass

    def trailers(self, stream: int, headers: Headers) -> None:
        try:
            self._connection.send_trailers(stream, headers)
        except ngh2.NGH2Error:
            pass

    def reset(self, stream: int, code: int) -> None:
        try:
            self._connection.reset_stream(stream, code)
        except ngh2.NGH2Error:
            pass

    def consumed(self, stream: int, size: int) -> None:
        left = self._untaken.get(stream, 0)
        size = min(size, left)
        if size:
            if size == left:
                del self._untaken[stream]
            else:
                self._untaken[stream] = left - size
            self._acknowledge(size, stream)

    def queued(self, stream: int | None = None) -> int:
        try:
            return self._connection.queued_body_size(stream)
        except ngh2.NGH2Error:
            return 0

    def ping(self) -> None:
        try:
            self._connection.ping()
        except ngh2.NGH2Error:
            pass

    def goaway(self, code: int) -> None:
        try:
            self._connection.send_goaway(code)
        except ngh2.NGH2Error:
            pass
