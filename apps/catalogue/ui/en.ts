<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="zh_CN">
 <context>
  <name>catalogue</name>
  <message>
   <location filename="standards.py" />
   <source>{c} · 第 {n} 版 · {k} 条</source>
   <translation>{c} · edition {n} · {k} {k:clause|clauses}</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>{g} 级，{s} / 100。{w}。{d}</source>
   <translation>Grade {g}, {s} / 100. {w}. {d}</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>{t} {c} · 第 {n} 版</source>
   <translation>{t} {c} · edition {n}</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>{w}（必备）</source>
   <translation>{w} (obligatory)</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>人工</source>
   <translation>by people</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>依据</source>
   <translation>By</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>历次结果</source>
   <translation>Earlier results</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>实测</source>
   <translation>Measured</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>导出报告</source>
   <translation>Export the report</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>导出报告…</source>
   <translation>Export the report…</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>已写出 {f}</source>
   <translation>{f} is written</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>必备</source>
   <translation>obligatory</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>怎么查的</source>
   <translation>How it was looked at</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>报告</source>
   <translation>Report</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>报告在检查人那里：{w}</source>
   <translation>Its assessor has the report: {w}</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>服务标准</source>
   <translation>Service standards</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>条款</source>
   <translation>Clause</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>条款 {c} · {p} 分</source>
   <translation>Clause {c} · {p} {p:point|points}</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>标准</source>
   <translation>Standards</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>检查</source>
   <translation>Check</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>检查完成，{n} 个标准的结果已写入账本</source>
   <translation>Checked: the results of {n} {n:standard|standards} stand on the ledger</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>检查此标准</source>
   <translation>Check this one</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>检查记录</source>
   <translation>Record</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>自动</source>
   <translation>automatic</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>要求</source>
   <translation>Requirement</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>证据</source>
   <translation>Evidence</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>评级</source>
   <translation>Grade</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>运行全部检查</source>
   <translation>Run all checks</translation>
  </message>
  <message>
   <location filename="standards.py" />
   <source>还没有检查过</source>
   <translation>Not checked yet</translation>
  </message>
 </context>
</TS>
