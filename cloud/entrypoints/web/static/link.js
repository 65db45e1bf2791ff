// The live link: one stream for all tabs where the browser can arrange it.
import { say } from "./mark.js";

const SILENCE_MS = 25000; // the service beats every ten seconds; two missed beats and a half mean a dead link
const RETRY_MS = 1500;

let ended = false;

// Whoever is signed out is not let in again by asking.
export function giveUp() {
  ended = true;
  say("link", "lost");
}

// `since`: where the page left off; undefined for one of which nothing but what rings is live, which asks for that at first.
export function follow({ address, since, onLine, onReset, onLost, onElsewhere }) {
  let last = since === undefined ? null : Number(since);
  let watch = 0;
  let alike = false;
  let leading = null;
  let joined = false;

  function alive() {
    if (ended) return;
    alike = false;
    say("link", "live");
    clearTimeout(watch);
    watch = setTimeout(lost, SILENCE_MS);
  }
  function lost() {
    say("link", "lost");
    // Whether the service is away or has shut this visitor out, the page itself finds out; asked once.
    if (!alike) onLost();
    alike = true;
  }
  function take(message) {
    if (message.kind === "lost") return lost();
    alive();
    if (last === null) {
      last = -1;
      onReset();
    }
    // A tab that joins another's stream was not there for what that told of other estates before.
    if (!joined && !leading && address.includes("elsewhere=")) onElsewhere();
    joined = true;
    if (message.kind === "elsewhere") return onElsewhere();
    if (message.kind === "reset") {
      last = message.head;
      return onReset();
    }
    if (message.kind === "line" && message.line.seq > last) {
      last = message.line.seq;
      onLine(message.line);
    }
  }

  say("link", "connecting");
  const lead = () => open(address, () => last, take);
  if (!navigator.locks || !window.BroadcastChannel) {
    leading = lead();
    return;
  }

  // One tab holds the stream and tells the others; when it closes, the next in line takes over where it was.
  const channel = new BroadcastChannel(`tocsin-live-${address}`);
  channel.onmessage = (event) => {
    if (event.data.kind !== "hello") take(event.data);
    else if (leading) leading.speak();
  };
  const tell = (message) => {
    take(message);
    channel.postMessage(message);
  };
  channel.postMessage({ kind: "hello" });
  navigator.locks.request(`tocsin-live-${address}`, () => {
    leading = open(address, () => last, tell);
    return new Promise(() => {}); // held until this tab is gone
  });
}

function open(address, cursor, tell) {
  let source = null;
  let timer = 0;
  let connected = false;

  function connect() {
    clearTimeout(timer);
    source?.close();
    if (ended) return;
    const from = cursor();
    source = new EventSource(`${address}${from === null || from < 0 ? "" : `${address.includes("?") ? "&" : "?"}since=${from}`}`);
    source.addEventListener("beat", () => {
      connected = true;
      expect();
      tell({ kind: "beat" });
    });
    source.addEventListener("reset", (event) => tell({ kind: "reset", head: JSON.parse(event.data).head }));
    // The cursor says nothing of other estates: each connection begins with one of these.
    source.addEventListener("elsewhere", () => tell({ kind: "elsewhere" }));
    source.onmessage = (event) => {
      expect();
      tell({ kind: "line", line: JSON.parse(event.data) });
    };
    source.onerror = () => {
      connected = false;
      tell({ kind: "lost" });
      // Ours rather than the browser's own: it gives up for good after some answers, and we never do.
      source.close();
      clearTimeout(timer);
      timer = setTimeout(connect, RETRY_MS + Math.random() * RETRY_MS);
    };
  }
  function expect() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      tell({ kind: "lost" });
      connect();
    }, SILENCE_MS);
  }
  connect();
  return { speak: () => connected && tell({ kind: "beat" }) };
}
