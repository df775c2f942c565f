// Reads the emergency screen out, for who cannot read it now. Never by itself; once
// asked for, each new state is read too, until asked to stop or the screen is left.
//
// Only with a voice that is on this phone: a far one is told who comes to whom, and
// is silent without a network. Where there is none for the language, no button.

import { $, put, show } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const CODES = { id: ["id", "in"], en: ["en"], jv: ["jv", "jw"] }; // Android still says the old ones too

export class ReadAloud {
  constructor(button) {
    this.button = button;
    this.speech = window.speechSynthesis || null;
    this.on = false;
    this.said = this.text = "";
    button.addEventListener("click", () => this._toggle());
  }

  /** What the screen says now, in which language. */
  draw(text, tongue) {
    this.text = text;
    this.voice = this._voice(tongue);
    show(this.button, Boolean(this.voice));
    if (!this.voice) this.stop();
    else if (this.on && text !== this.said) this._speak();
    put($("span", this.button), word(this.on ? "resident.read_stop" : "resident.read_aloud"));
  }

  stop() {
    if (!this.on) return;
    this.on = false;
    this.said = "";
    this.speech.cancel();
  }

  _toggle() {
    if (this.on) {
      this.stop();
    } else {
      this.on = true;
      this._speak();
    }
    put($("span", this.button), word(this.on ? "resident.read_stop" : "resident.read_aloud"));
  }

  _speak() {
    this.speech.cancel();
    this.said = this.text;
    // Kept: Chrome falls silent when an utterance is collected while it is spoken.
    this.utterance = new SpeechSynthesisUtterance(spoken(this.text));
    this.utterance.voice = this.voice;
    this.utterance.lang = this.voice.lang;
    this.speech.speak(this.utterance);
  }

  _voice(tongue) {
    if (!this.speech) return null;
    const fits = (voice) => voice.localService && CODES[tongue].includes(voice.lang.toLowerCase().split(/[-_]/)[0]);
    return this.speech.getVoices().find(fits) || null;
  }
}

/** "Telepon 119" is said "Telepon 1 1 9"; words in capitals are words, not letters. */
export function spoken(text) {
  return text.replace(/\b11[29]\b/g, (number) => number.split("").join(" ")).replace(/\p{Lu}{4,}/gu, (shouted) => shouted.toLowerCase());
}
