// llama.cpp through node-llama-cpp: token ids in, no text.
//
// Batching: node-llama-cpp queues what sequences of one context want decoded and puts all of it into one llama_decode as
// soon as every sequence has queued something (or at the next turn of the event loop). The steps below wait for all
// sequences before they ask for more, so that a step is one llama_decode; `decodesPerStep` counts the calls.

import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const BATCH_TOKENS = 512;

const cpuSeconds = () => {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1e6;
};

async function measure(tokens, work) {
  const cpu = cpuSeconds();
  const start = performance.now();
  await work();
  return {tokens, wall_seconds: (performance.now() - start) / 1000, cpu_seconds: cpuSeconds() - cpu};
}

export class Peer {
  static async start(folder) {
    const home = path.resolve(folder, 'node_modules/node-llama-cpp');
    const {getLlama} = await import(pathToFileURL(path.join(home, 'dist/index.js')));
    const peer = new Peer();
    peer.llama = await getLlama({gpu: false, build: 'never', maxThreads: 0, logLevel: 'error'});
    peer.version = JSON.parse(fs.readFileSync(path.join(home, 'package.json'))).version;
    return peer;
  }

  /** What it runs on: the library it chose for this CPU, and what it says of itself. */
  description() {
    const maps = fs.existsSync('/proc/self/maps') ? fs.readFileSync('/proc/self/maps', 'utf8') : '';
    const library = maps.match(/libggml-cpu[^/\s]*\.(so|dylib)/)?.[0] ?? 'unknown CPU library';
    return `node-llama-cpp ${this.version}, ${library}, ${this.llama.systemInfo.trim()}`;
  }

  async load(file) {
    this.model = await this.llama.loadModel({modelPath: file});
  }

  async unload() {
    await this.model.dispose();
  }

  randomToken() {
    return 100 + Math.floor(Math.random() * 400);
  }

  /** A function that measures one round of the test, and one that ends it. */
  async prepare(test, threads) {
    const context = await this.model.createContext({
      sequences: test.sequences,
      contextSize: test.prompt > 0 ? test.prompt + 64 : test.steps + 64,
      batchSize: BATCH_TOKENS,
      threads: {ideal: threads, min: threads},
      flashAttention: true
    });
    const calls = countDecodes(context);
    const sequences = Array.from({length: test.sequences}, () => context.getSequence());
    const round = () => (test.prompt > 0 ? this.prefill(sequences[0], test.prompt) : this.decode(sequences, test.steps, calls));
    return {round, end: () => context.dispose(), decodesPerStep: () => calls.perStep};
  }

  async prefill(sequence, tokens) {
    await sequence.clearHistory();
    const prompt = Array.from({length: tokens}, () => this.randomToken());
    const generated = sequence.evaluate(prompt, {temperature: 0, yieldEogToken: true});
    const result = await measure(tokens, () => generated.next());
    await generated.return();
    return result;
  }

  async decode(sequences, steps, calls) {
    for (const sequence of sequences) await sequence.clearHistory();
    const generated = sequences.map((sequence) =>
      sequence.evaluate([this.randomToken()], {temperature: 0, yieldEogToken: true}));
    const step = () => Promise.all(generated.map((iterator) => iterator.next()));
    await step();
    calls.count = 0;
    const result = await measure(steps * sequences.length, async () => {
      for (let i = 0; i < steps; i++) await step();
    });
    calls.perStep = calls.count / steps;
    for (const iterator of generated) await iterator.return();
    return result;
  }
}

/** Counts the calls of llama_decode; the name is not part of the package's public API. */
function countDecodes(context) {
  const calls = {count: 0, perStep: NaN};
  const native = context._ctx;
  const decodeBatch = native?.decodeBatch;
  if (typeof decodeBatch === 'function') {
    Object.defineProperty(native, 'decodeBatch', {
      value: (...given) => {
        calls.count++;
        return decodeBatch.apply(native, given);
      }
    });
  }
  return calls;
}
