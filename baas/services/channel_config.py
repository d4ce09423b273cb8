"""Changes of a channel's configuration that services need, signed by the organisations that this workspace holds.

The update goes to the ordering service through a peer's Gateway (`gateway.Gateway/Submit`, which broadcasts whatever
envelope it is given) and is in force when a peer answers with the new configuration.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from baas.errors import DeadlineExceeded, Text

if TYPE_CHECKING:
    from network.handle import NetworkHandle
    from network.topology import NodeRef

WAIT_SECONDS = 30.0


def update_organization_msp(handle: NetworkHandle, node: NodeRef, channel: str, msp_id: str, msp_config: Any) -> bool:
    """Put an organisation's MSP definition (with its CRL) into the channel; False when it was there already.

    By Fabric's default policies the organisation's own administrator alone may change its MSP. `node` is the peer to
    talk to.
    """
    from fabric_protos.gateway.gateway_pb2 import SubmitRequest

    from fabric_sdk.admin import Channels, PeerConnection
    from fabric_sdk.configtx import SignedUpdate, compute_update, copy_config
    from fabric_sdk.configtx.edit import set_msp
    from fabric_sdk.gateway.transport import METHOD_SUBMIT

    admin = handle.admin(msp_id)
    with PeerConnection(handle.node_endpoint(node), admin) as peer:
        channels = Channels(peer)
        original = channels.config(channel)
        updated = copy_config(original)
        set_msp(updated, handle.spec.organization(msp_id).name, msp_config.SerializeToString(deterministic=True))
        if updated.SerializeToString(deterministic=True) == original.SerializeToString(deterministic=True):
            return False
        update = SignedUpdate.of(compute_update(channel, original, updated)).signed(admin)
        request = SubmitRequest(channel_id=channel, prepared_transaction=update.envelope(admin))
        peer.transport.unary(METHOD_SUBMIT, request.SerializeToString(), WAIT_SECONDS)
        deadline = time.monotonic() + WAIT_SECONDS
        while channels.config(channel).sequence == original.sequence:
            if time.monotonic() > deadline:
                raise DeadlineExceeded(
                    Text(
                        "通道配置的更新没有及时生效。", "The channel's new configuration did not take effect in time."
                    ),
                    Text("请查看排序节点是否在运行，再重试。", "Check that the orderers run, then try again."),
                )
            time.sleep(0.05)
    return True
