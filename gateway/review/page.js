"use strict";
(() => {
  const review = JSON.parse(document.getElementById("review").textContent);
  const { items } = review;
  const colours = new Map(review.colours);
  const peaks = review.peaks.map((text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  const verdicts = items.map(() => ({ verdict: null, note: "" }));
  const AROUND_S = 2;
  const SHOWN_AROUND_MS = 3000;
  const KINDS = {
    near_miss: { name: "Near miss", mark: "◇", question: "Was it right to leave this clear?" },
    low_confidence: { name: "Unsure redaction", mark: "●", question: "Was it right to cover this?" },
    undecided: { name: "Covered undecided", mark: "■", question: "Was it right to cover this?" },
  };
  const STATES = { right: "✓", wrong: "✗", unsure: "?" };

  const $ = (id) => document.getElementById(id);
  const audio = $("audio");
  let current = 0;
  let stopAt = null;
  let unsaved = false;

  // Words and figures.

  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const clock = (ms) => {
    const tenths = Math.round(ms / 100);
    const seconds = Math.floor(tenths / 10);
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}.${tenths % 10}`;
  };
  const percent = (share) => `${Math.round(share * 100)} %`;
  const label = (policy) => (policy === null ? "undecided" : policy.replaceAll("_", " "));
  const colour = (policy) => (policy === null ? review.undecided_colour : colours.get(policy));
  const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;
  const certainty = (item) => (item.kind === "undecided" ? "not decided in time" : `confidence ${percent(item.confidence)}`);
  const tell = (text) => { $("told").textContent = text; };
  const policies = (item) => [item.policy, ...item.also].map(label).join(" or ");

  // Waveforms.

  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const prepared = (canvas) => {
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    return { pen, width, height };
  };
  const loudest = (leg, fromMs, toMs) => {
    const first = Math.max(0, Math.floor(fromMs / review.column_ms));
    const last = Math.min(peaks[leg].length, Math.max(first + 1, Math.ceil(toMs / review.column_ms)));
    let highest = 0;
    for (let column = first; column < last; column += 1) highest = Math.max(highest, peaks[leg][column]);
    return highest / 255;
  };
  const draw = (canvas, leg, fromMs, toMs, shownItem) => {
    const { pen, width, height } = prepared(canvas);
    if (!width) return;
    const top = 15;
    const middle = (top + height) / 2;
    const half = (height - top) / 2 - 1;
    const x = (ms) => ((ms - fromMs) / (toMs - fromMs)) * width;
    const step = (toMs - fromMs) / width;
    const wave = (startMs, endMs, fill) => {
      pen.fillStyle = fill;
      const last = Math.min(width, Math.ceil(x(endMs)));
      for (let at = Math.max(0, Math.floor(x(startMs))); at < last; at += 1) {
        const reach = Math.max(0.5, loudest(leg, fromMs + at * step, fromMs + (at + 1) * step) * half);
        pen.fillRect(at, middle - reach, 1, 2 * reach);
      }
    };
    wave(fromMs, Math.min(toMs, review.duration_ms), ink("--wave"));
    for (const [ofLeg, startMs, endMs, policy] of review.covered) {
      if (ofLeg !== leg || endMs <= fromMs || startMs >= toMs) continue;
      pen.globalAlpha = 0.2;
      pen.fillStyle = colour(policy);
      pen.fillRect(x(startMs), top, Math.max(2, x(endMs) - x(startMs)), height - top);
      pen.globalAlpha = 1;
      wave(startMs, endMs, colour(policy));
    }
    pen.font = "13px system-ui, sans-serif";
    pen.textAlign = "center";
    items.forEach((item, at) => {
      if (item.leg !== leg || item.end_ms < fromMs || item.start_ms > toMs) return;
      const left = x(item.start_ms);
      const wide = Math.max(2, x(item.end_ms) - left);
      pen.fillStyle = at === current ? ink("--accent") : ink("--ink");
      if (at === current) {
        pen.strokeStyle = ink("--accent");
        pen.lineWidth = 2;
        pen.strokeRect(left, top + 1, wide, height - top - 2);
      }
      if (item.kind === "near_miss") {
        pen.fillRect(left, height - 3, wide, 3);
      }
      if (!shownItem || at === current) {
        pen.fillText(KINDS[item.kind].mark, Math.min(width - 7, Math.max(7, left + wide / 2)), 11);
      }
    });
    const now = audio.currentTime * 1000;
    if (now > 0 && now >= fromMs && now <= toMs) {
      pen.fillStyle = ink("--ink");
      pen.fillRect(x(now) - 0.75, top, 1.5, height - top);
    }
  };
  const legCanvases = peaks.map((_, leg) => {
    const box = element("div", "leg");
    const covered = review.covered.filter(([ofLeg]) => ofLeg === leg).length;
    const canvas = element("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Waveform of leg ${leg}, redacted: ${count(covered, "stretch", "stretches")} covered`);
    canvas.addEventListener("click", (event) => {
      const rect = canvas.getBoundingClientRect();
      const ms = ((event.clientX - rect.left) / rect.width) * review.duration_ms;
      const reach = (6 / rect.width) * review.duration_ms;
      const hit = items.findIndex((item) => item.leg === leg && ms >= item.start_ms - reach && ms <= item.end_ms + reach);
      if (hit >= 0) select(hit, true);
      else seek(ms);
    });
    box.append(element("span", "muted", `Leg ${leg}`), canvas);
    $("legs").append(box);
    return canvas;
  });
  const zoomed = () => {
    const item = items[current];
    return [Math.max(0, item.start_ms - SHOWN_AROUND_MS), Math.min(review.duration_ms, item.end_ms + SHOWN_AROUND_MS)];
  };
  const redraw = () => {
    legCanvases.forEach((canvas, leg) => draw(canvas, leg, 0, review.duration_ms, false));
    if (items.length) draw($("zoom"), items[current].leg, ...zoomed(), true);
  };

  // Playing: the redacted audio only.

  const seek = (ms) => {
    stopAt = null;
    audio.currentTime = ms / 1000;
  };
  const start = () => {
    audio.play().catch((error) => {
      if (error.name !== "AbortError") tell("The browser did not start the audio."); // paused again before it began
    });
  };
  const play = () => {
    const item = items[current];
    audio.currentTime = Math.max(0, item.start_ms / 1000 - AROUND_S);
    stopAt = item.end_ms / 1000 + AROUND_S;
    start();
  };
  const stopInTime = () => {
    if (stopAt !== null && audio.currentTime >= stopAt) {
      stopAt = null;
      audio.pause();
    }
  };
  const follow = () => {
    stopInTime();
    redraw();
    if (!audio.paused) requestAnimationFrame(follow);
  };
  const toggle = () => {
    if (!audio.paused) audio.pause();
    else if (items.length) play();
    else start();
  };
  const showPlaying = () => { $("play-word").textContent = audio.paused ? "Play" : "Pause"; };
  audio.addEventListener("play", () => { showPlaying(); requestAnimationFrame(follow); });
  audio.addEventListener("pause", () => { showPlaying(); redraw(); });
  audio.addEventListener("timeupdate", stopInTime);
  audio.addEventListener("ended", () => { stopAt = null; });
  audio.addEventListener("seeked", () => {
    if (stopAt !== null && audio.currentTime > stopAt) stopAt = null;
    redraw();
  });
  audio.addEventListener("error", () => {
    $("audio-trouble").textContent = `${review.audio} cannot be played: it belongs beside this page, under that name.`;
    $("audio-trouble").hidden = false;
  });
  $("zoom").addEventListener("click", (event) => {
    const rect = $("zoom").getBoundingClientRect();
    const [fromMs, toMs] = zoomed();
    seek(fromMs + ((event.clientX - rect.left) / rect.width) * (toMs - fromMs));
  });

  // The item that is looked at.

  const showCaptions = (item) => {
    const box = $("captions");
    const [fromMs, toMs] = zoomed();
    box.replaceChildren();
    let line = null;
    let lineLeg = null;
    for (const [leg, startMs, endMs, text, policy, masked] of review.words) {
      if (endMs < fromMs || startMs > toMs) continue;
      if (leg !== lineLeg) {
        line = element("p");
        line.append(element("span", "who", `Leg ${leg}`));
        box.append(line);
        lineLeg = leg;
      }
      const word = element("span", masked ? "masked" : "", text);
      if (policy !== null) {
        word.style.color = `color-mix(in srgb, ${colour(policy)} 65%, var(--ink))`;
        word.title = label(policy);
      }
      if (leg === item.leg && endMs > item.start_ms && startMs < item.end_ms) word.classList.add("inside");
      line.append(word, " ");
    }
    if (!box.childElementCount) box.append(element("p", "muted", "No words were recognised here."));
  };
  const show = () => {
    const item = items[current];
    const kind = KINDS[item.kind];
    $("item-place").textContent = `${current + 1} of ${items.length} · ${kind.name}`;
    const title = $("item-title");
    const swatch = element("span", "swatch");
    swatch.style.background = colour(item.policy);
    title.replaceChildren(swatch, policies(item));
    const length = ((item.end_ms - item.start_ms) / 1000).toFixed(1);
    $("item-facts").textContent =
      `Leg ${item.leg}, ${clock(item.start_ms)} to ${clock(item.end_ms)} (${length} s), ${certainty(item)}`;
    $("zoom").setAttribute("aria-label", `Waveform around the item, leg ${item.leg}`);
    $("question").textContent = kind.question;
    for (const radio of document.getElementsByName("verdict")) radio.checked = radio.value === verdicts[current].verdict;
    $("note").value = verdicts[current].note;
    showCaptions(item);
  };
  const select = (at, playing) => {
    if (at < 0 || at >= items.length) return;
    rows[current].button.removeAttribute("aria-current");
    current = at;
    const { button } = rows[current];
    button.setAttribute("aria-current", "true");
    const list = $("items");
    if (list.scrollHeight > list.clientHeight) {
      const above = button.offsetTop - list.offsetTop;
      if (above < list.scrollTop) list.scrollTop = above;
      else if (above + button.offsetHeight > list.scrollTop + list.clientHeight) {
        list.scrollTop = above + button.offsetHeight - list.clientHeight;
      }
    }
    show();
    redraw();
    if (playing) play();
  };

  // The list.

  const rows = items.map((item, at) => {
    const button = element("button");
    button.type = "button";
    const mark = element("span", "", KINDS[item.kind].mark);
    mark.setAttribute("aria-hidden", "true");
    const state = element("span");
    button.append(
      mark,
      element("span", "what", item.policy === null ? KINDS[item.kind].name : policies(item)),
      state,
      element(
        "span",
        "where",
        `${item.policy === null ? "" : `${KINDS[item.kind].name}, `}leg ${item.leg}, ${clock(item.start_ms)}` +
          (item.kind === "undecided" ? "" : `, ${percent(item.confidence)}`),
      ),
    );
    button.addEventListener("click", () => select(at, true));
    const row = element("li");
    row.append(button);
    $("items").append(row);
    return { button, state };
  });
  const showState = (at) => {
    const { verdict, note } = verdicts[at];
    const { state } = rows[at];
    state.className = verdict ? `state-${verdict}` : "muted";
    state.textContent = verdict ? `${STATES[verdict]} ${verdict}` : note ? "noted" : "";
    const judged = verdicts.filter((one) => one.verdict).length;
    $("progress").textContent = `${judged} of ${items.length} judged`;
  };

  // Verdicts.

  const judge = (verdict) => {
    verdicts[current].verdict = verdict;
    unsaved = true;
    for (const radio of document.getElementsByName("verdict")) radio.checked = radio.value === verdict;
    showState(current);
  };
  for (const radio of document.getElementsByName("verdict")) radio.addEventListener("change", () => judge(radio.value));
  $("note").addEventListener("input", () => {
    verdicts[current].note = $("note").value;
    unsaved = true;
    showState(current);
  });
  const download = () => {
    const told = items
      .map((item, at) => ({ item: at + 1, ...item, verdict: verdicts[at].verdict, note: verdicts[at].note.trim() }))
      .filter((one) => one.verdict || one.note);
    const file = { audio: review.audio, review_sha256: review.sha256, made_at: new Date().toISOString(), verdicts: told };
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([`${JSON.stringify(file, null, 2)}\n`], { type: "application/json" }));
    link.download = `${review.name}.verdicts.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    unsaved = false;
    tell(`${count(told.length, "verdict", "verdicts")} in ${link.download}`);
  };
  const load = async () => {
    const [chosen] = $("load-file").files;
    $("load-file").value = "";
    if (!chosen) return;
    try {
      const file = JSON.parse(await chosen.text());
      if (file.review_sha256 !== review.sha256) {
        tell("These verdicts are of another review.");
        return;
      }
      for (const { item, verdict, note } of file.verdicts) {
        if (!verdicts[item - 1]) continue;
        verdicts[item - 1] = { verdict: Object.hasOwn(STATES, verdict) ? verdict : null, note: String(note ?? "") };
        showState(item - 1);
      }
      show();
      tell("The verdicts were opened.");
    } catch {
      tell("This is not a file of verdicts.");
    }
  };
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  // Keys and buttons.

  const actions = {
    j: () => select(current + 1, true),
    k: () => select(current - 1, true),
    1: () => judge("right"),
    2: () => judge("wrong"),
    3: () => judge("unsure"),
    0: () => judge(null),
    n: () => $("note").focus(),
    d: download,
  };
  const isText = (target) => target.matches("textarea, input[type=file]");
  const isListed = (target) => target.closest("#items") !== null;
  const takesSpace = (target) => target.matches("button, input:not(:checked), audio") && !isListed(target);
  document.addEventListener("keydown", (event) => {
    if (event.target === $("note") && event.key === "Escape") $("note").blur();
    if (event.ctrlKey || event.metaKey || event.altKey || isText(event.target) || $("help").open || !$("keys").checked) return;
    if (event.key === "?") {
      $("help").showModal();
    } else if (event.key === " " && !takesSpace(event.target)) {
      event.preventDefault();
      if (!event.repeat) toggle();
    } else if (items.length && Object.hasOwn(actions, event.key)) {
      event.preventDefault();
      actions[event.key]();
    }
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && $("keys").checked && isListed(event.target)) event.preventDefault();
  });
  $("previous").addEventListener("click", actions.k);
  $("next").addEventListener("click", actions.j);
  $("play").addEventListener("click", toggle);
  $("save").addEventListener("click", download);
  $("load").addEventListener("click", () => $("load-file").click());
  $("load-file").addEventListener("change", load);
  $("help-open").addEventListener("click", () => $("help").showModal());

  // The beginning.

  const numbers = Object.entries(KINDS).map(([kind, { name }]) => [name, items.filter((item) => item.kind === kind).length]);
  $("summary").textContent = [
    `${clock(review.duration_ms)}, ${count(peaks.length, "leg", "legs")}`,
    count(review.covered.length, "covered stretch", "covered stretches"),
    `${items.length} to review` +
      (items.length ? ` (${numbers.filter(([, many]) => many).map(([name, many]) => `${name.toLowerCase()}: ${many}`).join(", ")})` : ""),
    `unsure below ${percent(review.below)}`,
  ].join(" · ");
  for (const [policy, shade] of colours) {
    const swatch = element("span", "swatch");
    swatch.style.background = shade;
    const entry = element("li");
    entry.append(swatch, label(policy));
    $("legend").append(entry);
  }
  for (const [kind, { name, mark }] of Object.entries(KINDS)) {
    if (items.some((item) => item.kind === kind)) $("legend").append(element("li", "", `${mark} ${name.toLowerCase()}`));
  }
  if (review.covered.some(([, , , policy]) => policy === null)) {
    const swatch = element("span", "swatch");
    swatch.style.background = review.undecided_colour;
    const entry = element("li");
    entry.append(swatch, "undecided");
    $("legend").append(entry);
  }
  if (items.length) {
    items.forEach((_, at) => showState(at));
    select(0, false);
  } else {
    for (const part of document.querySelectorAll(".of-items")) part.hidden = true;
    $("nothing").hidden = false;
  }
  new ResizeObserver(redraw).observe(document.body);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  redraw();
})();
