/** 100 strings that run a script somewhere when a page takes them for markup, an address, a style or code. */

/** What a script of theirs would do; the page looks for it. */
const DEED = 'window.pwned=1'

const tags = ['img', 'svg', 'video', 'audio', 'body', 'iframe', 'input', 'details', 'marquee', 'object']
const openings = ['', '"', "'", '">', "'>", '</script>', '</title>', '</textarea>', '-->', ']]>']

const handlers = tags.map(tag => {
  const event = { details: 'ontoggle', marquee: 'onstart', input: 'onfocus', body: 'onpageshow' }[tag] ?? 'onerror'
  const more = { details: 'open', input: 'autofocus', video: '><source', svg: 'onload=window.pwned=1' }[tag] ?? ''
  return `<${tag} src=x ${more} ${event}=${DEED}>`
})
const breakouts = openings.flatMap(opening => [
  `${opening}<script>${DEED}</script>`,
  `${opening}<img src=x onerror=${DEED}>`,
  `${opening} onmouseover=${DEED} autofocus onfocus=${DEED} x=${opening}`,
])
const encoded = [
  `&lt;script&gt;${DEED}&lt;/script&gt;`,
  '&#60;script&#62;window.pwned=1&#60;/script&#62;',
  '\\u003cscript\\u003ewindow.pwned=1\\u003c/script\\u003e',
  '%3Cscript%3Ewindow.pwned=1%3C/script%3E',
  `<scr\u0000ipt>${DEED}</scr\u0000ipt>`,
  `＜script＞${DEED}＜/script＞`,
  `<scr<script>ipt>${DEED}</scr</script>ipt>`,
  `<SCRIPT SRC=data:text/javascript,${DEED}></SCRIPT>`,
  `<script\t>${DEED}</script\n>`,
  `\u2028<script>${DEED}</script>`,
]
const addresses = [
  `javascript:${DEED}`,
  `JaVaScRiPt:${DEED}`,
  `java\tscript:${DEED}`,
  ` \u0001javascript:${DEED}`,
  `data:text/html,<script>${DEED}</script>`,
  'data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9MTwvc2NyaXB0Pg==',
  `vbscript:${DEED}`,
  `[click](javascript:${DEED})`,
  `![x](x"onerror="${DEED})`,
  `<a href="javascript:${DEED}">click</a>`,
]
const embedded = [
  `<iframe srcdoc="<script>parent.${DEED}</script>"></iframe>`,
  `<object data="javascript:${DEED}"></object>`,
  `<embed src="javascript:${DEED}">`,
  `<form action="javascript:${DEED}"><button autofocus>`,
  `<base href="//evil.invalid/">`,
  `<link rel=stylesheet href="data:text/css,*{display:none}">`,
  `<meta http-equiv=refresh content="0;url=javascript:${DEED}">`,
  '<style>*{display:none!important}</style>',
  `<style>@import 'javascript:${DEED}';</style>`,
  `<div style="position:fixed;inset:0;background:url(javascript:${DEED})">`,
  `<template><script>${DEED}</script></template>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${DEED}>`,
  `<svg><script>${DEED}</script></svg>`,
  `<svg><animate onbegin=${DEED} attributeName=x dur=1s>`,
  `<svg><a xlink:href="javascript:${DEED}"><text y=1em>x</text></a></svg>`,
  `<noscript><p title="</noscript><img src=x onerror=${DEED}>">`,
  `<xmp><p title="</xmp><svg/onload=${DEED}>">`,
  `<isindex type=image src=1 onerror=${DEED}>`,
  `<input type=hidden accesskey=x onclick=${DEED}>`,
  `<!--<img src="--><img src=x onerror=${DEED}//">`,
]
const code = [
  `\${${DEED}}`,
  `{{constructor.constructor('${DEED}')()}}`,
  `{${DEED}}`,
  `<%= ${DEED} %>`,
  `';${DEED};'`,
  `";${DEED};"`,
  `\`;${DEED};\``,
  `__proto__`,
  `constructor`,
  `{"type":"div","props":{"dangerouslySetInnerHTML":{"__html":"<img src=x onerror=${DEED}>"}}}`,
]
const layout = [
  'W'.repeat(4_000),
  'ﷺ'.repeat(200),
  `z${'\u0489\u0351\u0362'.repeat(60)}algo`,
  `${'\u202e'.repeat(20)}gnp.exe`,
  `${'\n'.repeat(200)}below`,
  `${'\t'.repeat(500)}right`,
  '👩‍👩‍👧‍👦'.repeat(200),
  '\u200b'.repeat(300),
  `${'- '.repeat(800)}`,
  `http://${'a'.repeat(1_500)}/`,
]

export const XSS: readonly string[] = [
  ...handlers,
  ...breakouts,
  ...encoded,
  ...addresses,
  ...embedded,
  ...code,
  ...layout,
]
