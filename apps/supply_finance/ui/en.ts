<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="zh_CN">
 <context>
  <name>supply_finance</name>
  <message>
   <location filename="split.py" />
   <source>再加一份</source>
   <translation>One more part</translation>
  </message>
  <message>
   <location filename="split.py" />
   <source>凭证金额 {n} 元。{f}</source>
   <translation>The certificate is CNY {n}. {f}</translation>
  </message>
  <message>
   <location filename="split.py" />
   <source>已拆分</source>
   <translation>Split</translation>
  </message>
  <message>
   <location filename="split.py" />
   <source>正好分完</source>
   <translation>Exactly the whole</translation>
  </message>
  <message>
   <location filename="split.py" />
   <source>第 {n} 份（元）</source>
   <translation>Part {n} (CNY)</translation>
  </message>
  <message>
   <location filename="split.py" />
   <source>至少两份，合计须等于凭证金额</source>
   <translation>Two parts or more that sum up to the certificate</translation>
  </message>
  <message>
   <location filename="split.py" />
   <source>请填写金额</source>
   <translation>Fill in the amount</translation>
  </message>
  <message>
   <location filename="split.py" />
   <source>超出 {n} 元</source>
   <translation>CNY {n} too much</translation>
  </message>
  <message>
   <location filename="split.py" />
   <source>转让给（不填则自己持有）</source>
   <translation>Pass on to (yours if left out)</translation>
  </message>
  <message>
   <location filename="split.py" />
   <source>还剩 {n} 元</source>
   <translation>CNY {n} left</translation>
  </message>
  <message>
   <location filename="tree.py" />
   <source>{n} 份，{h} 家持有，合计 {t} 元</source>
   <translation>{n} {n:part|parts}, {h} {h:holder|holders}, CNY {t} together</translation>
  </message>
  <message>
   <location filename="tree.py" />
   <source>{s} · {n} 元 · {d} 到期</source>
   <translation>{s} · CNY {n} · due {d}</translation>
  </message>
  <message>
   <location filename="tree.py" />
   <source>元</source>
   <translation>CNY</translation>
  </message>
  <message>
   <location filename="tree.py" />
   <source>开立凭证后，这里画出它怎样拆分和流转。</source>
   <translation>Once one is issued, this shows how it is split and passed on.</translation>
  </message>
  <message>
   <location filename="tree.py" />
   <source>开立的凭证</source>
   <translation>Certificates as issued</translation>
  </message>
  <message>
   <location filename="tree.py" />
   <source>拆分</source>
   <translation>Splits</translation>
  </message>
  <message>
   <location filename="tree.py" />
   <source>拆分图</source>
   <translation>Tree of splits</translation>
  </message>
  <message>
   <location filename="tree.py" />
   <source>查看拆分图</source>
   <translation>See the tree of splits</translation>
  </message>
  <message>
   <location filename="tree.py" />
   <source>还没有凭证</source>
   <translation>No certificates yet</translation>
  </message>
 </context>
</TS>
