// The live link: one stream for all tabs where the browser can arrange it, and a mark that says since when it is stale.
const SILENCE_MS = 25000; // the service beats every ten seconds; two missed beats and a half mean a dead link
const RETRY_MS = 1500;

const mark = document.getElementById("link");

function show(state, at) {
  if (!mark) return;
  const word = mark.querySelector("[data-word]");
  const clock = at ? ` ${at.toTimeString().slice(0, 8)}` : "";
  const text = { live: mark.dataset.liveWord, stale: mark.dataset.staleWord + clock, connecting: mark.dataset.connectingWord }[state];
  // Written only when it differs: a screen reader speaks every change.
  if (mark.dataset.state !== state) mark.dataset.state = state;
  if (word.textContent !== text) word.textContent = text;
}

export function follow({ address, since, onLine, onReset }) {
  let heard = null;
  let last = Number(since);
  let watch = 0;

  function alive() {
    heard = new Date();
    show("live");
    clearTimeout(watch);
    watch = setTimeout(lost, SILENCE_MS);
  }
  function lost() {
    show("stale", heard ?? new Date());
  }
  function take(message) {
    if (message.kind === "lost") return lost();
    alive();
    if (message.kind === "reset") {
      last = message.head;
      return onReset();
    }
    if (message.kind === "line" && message.line.seq > last) {
      last = message.line.seq;
      onLine(message.line);
    }
  }

  show("connecting");
  const lead = () => open(address, () => last, take);
  if (!navigator.locks || !window.BroadcastChannel) return void lead();

  // One tab holds the stream and tells the others; when it closes, the next in line takes over where it was.
  const channel = new BroadcastChannel(`tocsin-live-${address}`);
  channel.onmessage = (event) => {
    if (event.data.kind !== "hello") take(event.data);
    else if (leading) leading.speak();
  };
  let leading = null;
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
    source = new EventSource(`${address}${address.includes("?") ? "&" : "?"}since=${cursor()}`);
    source.addEventListener("beat", () => {
      connected = true;
      expect();
      tell({ kind: "beat" });
    });
    source.addEventListener("reset", (event) => tell({ kind: "reset", head: JSON.parse(event.data).head }));
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
