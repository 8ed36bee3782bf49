/**
 * The style sheet of the report. Light and dark follow the reader's system; on paper it is light. The classes of the
 * figure's inks are those of `timelineSvg`.
 */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1f2933; --faint: #52606d; --paper: #ffffff; --card: #f5f7fa; --line: #d8dee6;
  --shade: #dce4ee; --speech: #52606d; --high: #b42318; --medium: #8a5a00; --low: #3e5c76;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ink: #e6eaf0; --faint: #a3afbd; --paper: #12161c; --card: #1b212a; --line: #333d4a;
    --shade: #263140; --speech: #9fb0c3; --high: #ff9d90; --medium: #f0c36a; --low: #9dbcd8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 72rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; font-variant-numeric: tabular-nums;
}
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
p { margin: .3rem 0; }
.faint { color: var(--faint); }
.cards { display: grid; grid-template-columns: repeat(6, 1fr); gap: .7rem; margin: 1.4rem 0 0; padding: 0; }
.cards div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.cards dt { color: var(--faint); font-size: .85rem; }
.cards dd { margin: 0; font-size: 1.25rem; font-weight: 600; }
.cards dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--faint); }
figure { margin: 1rem 0 0; overflow-x: auto; }
figure svg { display: block; width: 100%; min-width: 40rem; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
table.narrow { width: auto; }
table.roomy { min-width: 36rem; }
th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--faint); font-weight: 600; font-size: .85rem; }
tbody th { font-weight: 400; }
td.number, th.number { text-align: right; white-space: nowrap; padding-right: 1.2rem; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.2rem 2rem; }
.sides h3 { font-size: 1rem; margin: 0 0 .4rem; overflow-wrap: anywhere; }
.sides tbody th { white-space: nowrap; }
table.roomy td:last-child { width: 42%; }
.bar { display: block; width: 100%; height: .9rem; border-radius: .25rem; }
.shares { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .5rem 0 .8rem; padding: 0; font-size: .9rem; }
.shares svg { width: .75rem; height: .75rem; vertical-align: -.05rem; margin-right: .35rem; }
.severity { font-weight: 600; }
.high { color: var(--high); } .medium { color: var(--medium); } .low { color: var(--low); }
.evidence { list-style: none; margin: 0; padding: 0; }
@media screen and (max-width: 60rem) { .cards { grid-template-columns: repeat(3, 1fr); } }
@media screen and (max-width: 34rem) { .cards { grid-template-columns: repeat(2, 1fr); } }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .8rem; font-size: .85rem; color: var(--faint); }
figure svg { fill: var(--ink); }
svg .paper { fill: var(--paper); } svg .panel { fill: var(--card); } svg .shade { fill: var(--shade); }
svg .speech { fill: var(--speech); } svg .alert { fill: var(--high); } svg text.faint { fill: var(--faint); }
svg .grid, svg .faint-line { stroke: var(--line); } svg .moment { stroke: var(--ink); } svg .label { stroke: var(--paper); }
@page { margin: 14mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 10.5pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .cards { grid-template-columns: repeat(6, 1fr); gap: .4rem; } .cards div { padding: .4rem .5rem; } .cards dd { font-size: 1rem; }
  h2 { break-after: avoid; } figure, tr, .cards div, .sides > div { break-inside: avoid; }
  .sides { grid-template-columns: 1fr 1fr; } h2 { margin-top: 1.2rem; } th, td { padding-top: .15rem; padding-bottom: .15rem; } footer { margin-top: 1.2rem; }
  figure svg { min-width: 0; } .wide, figure { overflow: visible; } table.roomy { min-width: 0; }
}
`;
