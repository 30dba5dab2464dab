// The table: every cell is measured in rounds in which both engines take turns, so that a busy machine meets both.

import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {Engine, millrace} from './engine.mjs';
import {Peer} from './peer.mjs';

// Both engines compute on the CPU.
process.env.MILLRACE_DEVICE = 'cpu';

const TESTS = {
  'prefill-512': {label: 'prefill 512', sequences: 1, prompt: 512, steps: 0},
  'decode-1': {label: 'decode, 1 sequence', sequences: 1, prompt: 0, steps: 32},
  'decode-8': {label: 'decode, 8 sequences', sequences: 8, prompt: 0, steps: 16},
  'decode-32': {label: 'decode, 32 sequences', sequences: 32, prompt: 0, steps: 8}
};

const {values: options} = parseArgs({
  options: {
    shapes: {type: 'string', default: 'qwen2.5-0.5b,llama-3.2-1b'},
    types: {type: 'string', default: 'q4_0,q8_0,q4_k_m,f16,bf16'},
    threads: {type: 'string', default: '1,2'},
    tests: {type: 'string', default: Object.keys(TESTS).join(',')},
    kernels: {type: 'string', default: 'vector,native'},
    repeat: {type: 'string', default: '5'},
    cache: {type: 'string'},
    peer: {type: 'string'},
    help: {type: 'boolean', default: false}
  }
});

if (options.help) {
  console.log(`usage: bench/compare-llama-cpp [OPTIONS]
  --shapes A,B    shapes of \`millrace bench synth\` (${options.shapes})
  --types A,B     its types (${options.types})
  --threads A,B   threads of both engines (${options.threads})
  --tests A,B     ${options.tests}
  --kernels A,B   kernels of Millrace, as --cpu-kernels has them (${options.kernels})
  --repeat N      rounds of each cell (${options.repeat})
  --cache FOLDER  where models and llama.cpp are kept (\$TMPDIR/millrace-bench)
  --peer FOLDER   where node_modules/node-llama-cpp is, if it is not to be installed
The table goes to standard output as Markdown, what happens meanwhile to standard error.`);
  process.exit(0);
}

const list = (text) => text.split(',').map((word) => word.trim()).filter(Boolean);
const fail = (message) => {
  console.error(`error: ${message}`);
  process.exit(2);
};
// Engines end with their input, so nothing is left behind.
process.on('uncaughtException', (failure) => fail(failure.message));
const number = (text, option) => (/^[1-9]\d{0,3}$/.test(text) ? Number(text) : fail(`${option} is ${text}, which is no number from 1 on`));

const repeat = number(options.repeat, '--repeat');
const threadCounts = list(options.threads).map((text) => number(text, '--threads'));
const tests = list(options.tests).map((name) => TESTS[name] ?? fail(`--tests has ${name}; there are ${Object.keys(TESTS).join(', ')}`));
const cache = process.env.COMPARE_CACHE;
const log = (text) => console.error(text);

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const perCpuSecond = (run) => run.tokens / run.cpu_seconds;
const perSecond = (run) => run.tokens / run.wall_seconds;
const rate = (value) => (value < 100 ? value.toFixed(1) : value.toFixed(0));
const rates = (runs, speed) => rate(median(runs.map(speed)));
/** The median of the ratios of each round, not the ratio of the medians. */
const compared = (runs, peerRuns, speed) =>
  `${rates(runs, speed)} (${median(runs.map((run, i) => speed(run) / speed(peerRuns[i]))).toFixed(2)})`;

function modelFile(shape, type) {
  const file = path.join(cache, `${shape}-${type}-seed1.gguf`);
  if (!fs.existsSync(file)) log(millrace('bench', 'synth', '--shape', shape, '--type', type, '--output', file).trim());
  return file;
}

/** Which kernels can be chosen; a version without a choice has one set, and is measured under the first name. */
function kernelSets() {
  const wanted = list(options.kernels);
  if (millrace('bench', 'model', '--help').includes('--cpu-kernels')) {
    return wanted.map((name) => ({name, options: ['--cpu-kernels', name]}));
  }
  log(`this version has no --cpu-kernels: measuring what there is as "${wanted[0]}"`);
  return [{name: wanted[0], options: []}];
}

function bytesPerSecond(threads, bytes) {
  const mebibytes = Math.min(3072, Math.ceil(bytes / 2 ** 20));
  return JSON.parse(millrace('bench', 'bandwidth', '--threads', `${threads}`, '--mebibytes', `${mebibytes}`, '--json')).bytes_per_second;
}

async function measureCell(test, threads, peer, engines) {
  const cell = {peer: [], engines: engines.map(() => [])};
  const prepared = await peer.prepare(test, threads);
  await prepared.round();
  for (let i = 0; i < repeat; i++) {
    cell.peer.push(await prepared.round());
    for (const [e, engine] of engines.entries()) cell.engines[e].push(await engine.round(test));
  }
  cell.decodesPerStep = prepared.decodesPerStep();
  await prepared.end();
  return cell;
}

function row(shape, type, threads, test, cell, bandwidth, weightBytes) {
  const floor = (runs) => `${((100 * median(runs.map(perSecond)) * weightBytes) / bandwidth).toFixed(0)}%`;
  const floors = test.sequences === 1 && test.prompt === 0 ? [cell.peer, ...cell.engines].map(floor).join(', ') : '';
  return [
    shape, type, threads, test.label,
    rates(cell.peer, perCpuSecond), ...cell.engines.map((runs) => compared(runs, cell.peer, perCpuSecond)),
    rates(cell.peer, perSecond), ...cell.engines.map((runs) => compared(runs, cell.peer, perSecond)),
    floors
  ];
}

const print = (columns) => console.log(`| ${columns.join(' | ')} |`);

const kernels = kernelSets();
const peer = await Peer.start(process.env.COMPARE_PEER);
const commit = () => {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {cwd: import.meta.dirname, encoding: 'utf8'}).trim();
  } catch {
    return 'unknown';
  }
};

console.log(`${os.cpus()[0].model.trim()}, ${os.cpus().length} processors, ${new Date().toISOString().slice(0, 10)}, commit ${commit()}

    ${process.env.COMPARE_COMMAND.trim()}

Tokens per CPU second and per second of wall-clock time, medians of ${repeat} interleaved rounds; in brackets the ratio to
llama.cpp, the median of the rounds' ratios. The last column is the share of the memory bandwidth that was measured with the
same number of threads over as many bytes as a token needs weights, in the order of the columns.
llama.cpp: ${peer.description()}
`);
const names = kernels.map((kernel) => kernel.name);
print(['shape', 'type', 'threads', 'test', 'llama.cpp tok/CPU-s', ...names.map((name) => `${name} tok/CPU-s`),
  'llama.cpp tok/s', ...names.map((name) => `${name} tok/s`), 'of bandwidth']);
print(Array(7 + 2 * names.length).fill('---'));

const decodesPerStep = new Map();
for (const shape of list(options.shapes)) {
  for (const type of list(options.types)) {
    const file = modelFile(shape, type);
    await peer.load(file);
    for (const threads of threadCounts) {
      log(`${shape} ${type}, threads ${threads}`);
      const room = ['--threads', `${threads}`, '--prompt', '512', '--sequences', `${Math.max(...tests.map((test) => test.sequences))}`, '--tokens', '64'];
      const engines = [];
      for (const kernel of kernels) engines.push(await Engine.start(file, [...room, ...kernel.options]));
      const weightBytes = engines[0].about.weight_bytes;
      const bandwidth = tests.some((test) => test.prompt === 0 && test.sequences === 1) ? bytesPerSecond(threads, weightBytes) : NaN;
      for (const test of tests) {
        const cell = await measureCell(test, threads, peer, engines);
        if (test.prompt === 0) decodesPerStep.set(test.sequences, cell.decodesPerStep);
        print(row(shape, type, threads, test, cell, bandwidth, weightBytes));
      }
      for (const engine of engines) await engine.end();
    }
    await peer.unload();
  }
}
for (const [sequences, calls] of decodesPerStep) {
  log(`llama.cpp decoded ${sequences} sequences with ${calls.toFixed(2)} calls of llama_decode a step`);
}
process.exit(0);
