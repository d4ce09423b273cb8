<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="zh_CN">
 <context>
  <name>traceability</name>
  <message>
   <location filename="capture.py" />
   <source>EPCIS 文档</source>
   <translation>EPCIS document</translation>
  </message>
  <message>
   <location filename="capture.py" />
   <source>事件已采集</source>
   <translation>Events captured</translation>
  </message>
  <message>
   <location filename="capture.py" />
   <source>文件太大</source>
   <translation>The file is too large</translation>
  </message>
  <message>
   <location filename="capture.py" />
   <source>新记录 {new} 个事件，已有 {known} 个，声明有误 {wrong} 个</source>
   <translation>Events: {new} new, {known} known, {wrong} declared wrong</translation>
  </message>
  <message>
   <location filename="capture.py" />
   <source>选择 EPCIS 2.0 文档（JSON 或 JSON-LD）。事件内容保存在本机，账本记录货物的去向和事件哈希。</source>
   <translation>Choose an EPCIS 2.0 document (JSON or JSON-LD). The events stay on this machine; the ledger keeps where goods went and each event's hash.</translation>
  </message>
  <message>
   <location filename="capture.py" />
   <source>采集</source>
   <translation>Capture</translation>
  </message>
  <message>
   <location filename="capture.py" />
   <source>采集事件</source>
   <translation>Capture events</translation>
  </message>
  <message>
   <location filename="graph.py" />
   <source>召回</source>
   <translation>recalled</translation>
  </message>
  <message>
   <location filename="graph.py" />
   <source>已用掉</source>
   <translation>used up</translation>
  </message>
  <message>
   <location filename="graph.py" />
   <source>货物图</source>
   <translation>Goods</translation>
  </message>
  <message>
   <location filename="recalls.py" />
   <source>停止受影响的货物</source>
   <translation>Stop what is affected</translation>
  </message>
  <message>
   <location filename="recalls.py" />
   <source>停止流通</source>
   <translation>Stop</translation>
  </message>
  <message>
   <location filename="recalls.py" />
   <source>在货物图中查看</source>
   <translation>Show in the graph of goods</translation>
  </message>
  <message>
   <location filename="recalls.py" />
   <source>波及的货物都已停止流通</source>
   <translation>Everything affected is stopped</translation>
  </message>
  <message>
   <location filename="recalls.py" />
   <source>波及范围</source>
   <translation>Reach</translation>
  </message>
  <message>
   <location filename="recalls.py" />
   <source>由它制成的一切都停止流通，每一件都由合约核对依据；持有方会收到通知。</source>
   <translation>All that was made of it is stopped, each proven to the contract; the holders are told.</translation>
  </message>
  <message>
   <location filename="recalls.py" />
   <source>还有 {n} 件没有停止流通</source>
   <translation>{n} more are not stopped yet</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>上下游</source>
   <translation>Where</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>上游</source>
   <translation>upstream</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>上游 {up}，下游 {down}；召回涉及 {all} 件，装在 {boxes} 个容器中</source>
   <translation>{up} upstream, {down} downstream; a recall takes in {all}, held in {boxes} {boxes:container|containers}</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>下游</source>
   <translation>downstream</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>以它为中心</source>
   <translation>Put it in the middle</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>内容</source>
   <translation>Facts</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>列表</source>
   <translation>Table</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>发往</source>
   <translation>Sent to</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>召回停止了它的流通。</source>
   <translation>A recall stops it.</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>图</source>
   <translation>Picture</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>在途</source>
   <translation>on its way</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>已召回</source>
   <translation>Recalled</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>持有方</source>
   <translation>Held by</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>显示方式</source>
   <translation>View</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>本件</source>
   <translation>itself</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>标出</source>
   <translation>Mark</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>正常</source>
   <translation>normal</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>若召回</source>
   <translation>If recalled</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>货物</source>
   <translation>Goods</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>货物的 URI，例如 https://id.gs1.org/01/…/10/…</source>
   <translation>URI of goods, such as https://id.gs1.org/01/…/10/…</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>还没有货物</source>
   <translation>No goods yet</translation>
  </message>
  <message>
   <location filename="view.py" />
   <source>采集事件后，这里显示货物从哪里来、到哪里去。</source>
   <translation>Once events are captured, this shows where goods came from and where they went.</translation>
  </message>
 </context>
</TS>
