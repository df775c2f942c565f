"""What the oldest browsers of the floor lack, with the versions that brought it: Chrome and WebView, Safari of iOS.

The floor is DOMAIN.md's: Android 8 with Chrome or WebView 80, iOS 15.0. `-` is a browser that never got it (or not as a
WebView). A row stands here only when one of the two is newer than the floor; the versions are those of MDN's
browser-compat-data.
"""

from __future__ import annotations

from typing import Final

CHROME: Final = 80.0
SAFARI: Final = 15.0

SYNTAX: Final = """
    class-field 72 14.1 | private-name 74 14.1 | static-block 94 16.4 | logical-assignment 85 14
    numeric-separator 75 13 | top-level-await 89 15 | regex-flag-d 90 15 | regex-flag-v 112 17
    regex-lookbehind 62 16.4 | regex-modifier 125 - | import-attributes 123 17.2 | using 134 -
"""
"""Newer than ES2020, or older and still missing in Safari: refused, tested for or not, for a file that does not parse
runs nothing at all."""

NAMES: Final = """
    structuredClone 98 15.4 | WeakRef 84 14.5 | FinalizationRegistry 84 14.5 | AggregateError 85 14
    BroadcastChannel 54 15.4 | Notification - 16.4 | PushManager - 16.4 | requestIdleCallback 47 -
    cancelIdleCallback 47 - | CompressionStream 80 16.4 | DecompressionStream 80 16.4 | OffscreenCanvas 69 16.4
    scheduler 94 - | BarcodeDetector 83 - | speechSynthesis - 7 | SpeechSynthesisUtterance - 7
    SharedWorker 148 16 | reportError 95 15.4 | URLPattern 95 26 | Iterator 122 18.4 | EditContext 121 -
    CloseWatcher 126 27.3 | Highlight 105 17.2 | cookieStore 87 18.4 | Temporal 144 27.3 | TaskController 94 -
    trustedTypes 83 26 | Float16Array 135 18.2

    Object.hasOwn 93 15.4 | Object.groupBy 117 17.4 | Map.groupBy 117 17.4 | Promise.any 85 14
    Promise.withResolvers 119 17.4 | Promise.try 128 18.2 | Array.fromAsync 121 16.4 | AbortSignal.timeout 124 16
    AbortSignal.any 116 17.4 | AbortSignal.abort 93 15 | Response.json 105 17 | URL.canParse 120 17
    URL.parse 126 18 | CSS.registerProperty 78 16.4 | Intl.DisplayNames 81 14.5 | Intl.Segmenter 87 14.5
    Intl.supportedValuesOf 99 15.4 | Intl.DurationFormat 129 16.4 | crypto.randomUUID 92 15.4
    document.getAnimations 84 14 | document.startViewTransition 111 18 | document.adoptedStyleSheets 73 16.4
    navigator.locks 69 15.4 | navigator.wakeLock 84 18.4 | navigator.vibrate 32 -
    navigator.userActivation 72 16.4 | navigator.permissions 43 16 | navigator.connection 50 -
    navigator.getBattery 38 - | navigator.deviceMemory 63 - | navigator.userAgentData 90 -
    navigator.setAppBadge - 16.4 | navigator.audioSession - 16.4 | navigator.virtualKeyboard 94 -
    navigator.bluetooth - - | navigator.usb - - | navigator.contacts - - | navigator.share - 12.2
    navigator.hid - - | navigator.mediaSession - 15 | navigator.keyboard 68 - | navigator.scheduling 87 -
    screen.orientation 38 16.4 | import.meta.resolve 105 16.4 | performance.memory 7 -
    HTMLScriptElement.supports 96 16

    .replaceAll() 85 13.4 | .at() 92 15.4 | .findLast() 97 15.4 | .findLastIndex() 97 15.4 | .toSorted() 110 16
    .toReversed() 110 16 | .toSpliced() 110 16 | .with() 110 16 | .isWellFormed() 111 16.4
    .toWellFormed() 111 16.4 | .union() 122 17 | .intersection() 122 17 | .difference() 122 17
    .symmetricDifference() 122 17 | .isSubsetOf() 122 17 | .isSupersetOf() 122 17 | .isDisjointFrom() 122 17
    .replaceChildren() 86 14 | .checkVisibility() 105 17.4 | .showModal() 37 15.4 | .requestSubmit() 76 16
    .showPicker() 99 16 | .showPopover() 114 17 | .hidePopover() 114 17 | .togglePopover() 114 17
    .getAnimations() 84 14 | .commitStyles() 84 13.4 | .attachInternals() 77 16.4 | .throwIfAborted() 100 15.4
    .formatRange() 106 15.4 | .requestFullscreen() 71 - | .moveBefore() 133 - | .setHTMLUnsafe() 124 26
    .getCoalescedEvents() 58 18.2 | .transferToImageBitmap() 69 16.4 | .toHex() 140 18.2 | .toBase64() 140 18.2
    .getOrInsert() 145 26.2 | .roundRect() 99 16 | .inert 102 15.5 | .submitter 81 15.4 | .popover 114 18.3
    .togglePopover 114 17 | .virtualKeyboardPolicy 94 - | .devicePixelContentBoxSize 84 - | .ariaLabel 81 12.2
    .ariaLive 81 12.2 | .ariaHidden 81 12.2 | .ariaExpanded 81 12.2 | .ariaPressed 81 12.2 | .ariaBusy 81 12.2
    .ariaCurrent 81 12.2 | .ariaModal 81 12.2 | .ariaDisabled 81 12.2

    scrollIntoView(behavior) 61 15.4 | addEventListener(signal) 90 15 | Error(cause) 93 15 | register(type) 91 15
    fetch(priority) 102 17.2 | toLocaleString(dayPeriod) 92 14.5 | DateTimeFormat(dayPeriod) 92 14.5
    DateTimeFormat(fractionalSecondDigits) 84 14.5 | NumberFormat(roundingMode) 106 15.4
    structuredClone(transfer) 98 15.4
"""
"""`Name` global, `object.name` of that object, `.name` of any object, `.name()` called, `call(option)` in options."""

STYLES: Final = """
    gap-in-flex 84 14.5 | start-or-end-in-flex 93 9 | nesting 120 17.2 | :not(list) 88 9

    :focus-visible 86 15.4 | :has 105 15.4 | :is 88 14 | :where 88 14 | :user-invalid 119 16.5
    :user-valid 119 16.5 | :popover-open 114 17 | :modal 105 15.6 | :dir 120 16.4 | :open 133 26.5
    :fullscreen 71 - | :autofill 110 15 | :state 125 17.4 | ::marker 86 11.3 | ::file-selector-button 89 14.5
    ::details-content 131 18.4 | ::backdrop 37 15.4 | ::highlight 105 17.2

    @layer 99 15.4 | @container 105 16 | @property 85 16.4 | @scope 118 26.4 | @starting-style 117 17.5
    @view-transition 126 18.2 | @counter-style 91 17 | @position-try 125 26 | range-in-media 104 16.4
    supports-selector 83 14.1

    color-mix() 111 16.2 | oklch() 111 15.4 | oklab() 111 15.4 | lch() 111 15 | lab() 111 15 | color() 111 10.3
    light-dark() 123 17.5 | linear() 113 17.2 | image-set() 113 17 | round() 125 15.4 | mod() 125 15.4
    sin() 111 15.4 | cos() 111 15.4 | anchor() 125 26 | xywh() 119 17.2 | hwb() 101 15 | calc-size() 129 -

    dvh 108 15.4 | svh 108 15.4 | lvh 108 15.4 | dvw 108 15.4 | svw 108 15.4 | lvw 108 15.4 | cqw 105 16
    cqh 105 16 | cqi 105 16 | cqmin 105 16 | lh 109 16.4 | rlh 111 16.4 | cap 118 17.2 | ic 106 15.4
    rcap 118 17.2 | vi 108 15.4 | vb 108 15.4

    inset: 87 14.5 | inset-inline: 87 14.5 | inset-block: 87 14.5 | margin-inline: 87 14.5 | margin-block: 87 14.5
    padding-inline: 87 14.5 | padding-block: 87 14.5 | border-inline: 87 14.5 | border-block: 87 14.5
    aspect-ratio: 88 15 | accent-color: 93 26.2 | translate: 104 14.5 | rotate: 104 14.5 | scale: 104 14.5
    overflow-anchor: 56 27 | scrollbar-gutter: 94 18.2 | scrollbar-width: 121 18.2 | scrollbar-color: 121 26.2
    text-wrap: 114 17.4 | text-wrap-style: 130 17.5 | text-underline-offset: 87 12.2
    text-decoration-thickness: 89 12.2 | overscroll-behavior: 63 16 | overscroll-behavior-y: 63 16
    overscroll-behavior-x: 63 16 | contain: 52 15.4 | content-visibility: 85 18 | scroll-behavior: 61 15.4
    color-scheme: 81 13 | offset-path: 55 15.4 | container: 105 16 | container-type: 105 16
    container-name: 105 16 | view-transition-name: 111 18 | animation-timeline: 115 26 | field-sizing: 123 26.2
    interpolate-size: 129 - | font-palette: 101 15.4 | text-emphasis: 99 7 | hyphenate-character: 106 17
    white-space-collapse: 114 17.4 | forced-color-adjust: 89 - | counter-set: 85 17.2 | appearance: 84 15.4
    backdrop-filter: 76 18 | user-select: 54 - | text-size-adjust: 54 - | mask: 120 15.4 | mask-image: 120 15.4
    line-clamp: - - | print-color-adjust: 136 15.4 | hyphens: 55 17 | box-decoration-break: 130 -
    initial-letter: 110 - | anchor-name: 125 26 | text-box: 133 18.2

    overflow:clip 90 16 | overflow-x:clip 90 16 | overflow-y:clip 90 16 | overflow-wrap:anywhere 80 15.4
    grid-template-columns:subgrid 117 16 | grid-template-rows:subgrid 117 16 | color:revert 84 9.3
    all:revert 84 9.3 | width:stretch 138 27 | height:stretch 138 27 | word-break:auto-phrase 119 -
    text-align:match-parent - 15.4
"""
"""`name:` a property, `name:value` a value of it, `name()` a function, a unit, `:name` a selector, `@name` a rule."""

HARMLESS: Final = {
    "color-scheme:": "fields and bars keep the light look",
    "accent-color:": "a tick keeps the system's colour",
    "text-underline-offset:": "the line stands closer to the word",
    "overscroll-behavior-y:": "a pull at the page's end bounces, or loads it anew: the call is kept",
    "overscroll-behavior-x:": "a swipe at the end of a row goes back, as everywhere",
    ":focus-visible": "base.css draws the line at `:focus`; here it only stands nearer, or round something larger",
    "contain:": "drawing takes longer",
    "scrollbar-width:": "the bar of a row is as broad as others",
}
"""What may stand without a test, and what a person on an old browser sees instead."""

WITH_PREFIX: Final = frozenset(
    {"appearance:", "backdrop-filter:", "user-select:", "text-size-adjust:", "mask:", "mask-image:", "hyphens:"}
    | {"print-color-adjust:", "box-decoration-break:", "line-clamp:"}
)
"""Fine when the `-webkit-` form stands in the same rule."""

STAND_FOR: Final = {"SpeechSynthesisUtterance": "speechSynthesis", "cancelIdleCallback": "requestIdleCallback"}
"""Came together: a test for the second is one for the first."""
