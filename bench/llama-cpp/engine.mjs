// Millrace's engine room: `millrace bench` in processes of its own.

import {execFileSync, spawn} from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';

const MILLRACE = path.resolve(import.meta.dirname, '../../millrace');

/** Runs a command to its end and gives its output. */
export function millrace(...words) {
  return execFileSync(MILLRACE, words, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});
}

/** One process with a loaded model, which does one thing after the other. */
export class Engine {
  constructor(file, options) {
    this.process = spawn(MILLRACE, ['bench', 'model', file, '--interactive', ...options], {
      stdio: ['pipe', 'pipe', 'inherit']
    });
    this.lines = readline.createInterface({input: this.process.stdout})[Symbol.asyncIterator]();
  }

  /** `{device, weight_bytes}` once the model is loaded. */
  static async start(file, options) {
    const engine = new Engine(file, options);
    engine.about = await engine.answer();
    return engine;
  }

  async answer() {
    const {value, done} = await this.lines.next();
    if (done) throw new Error('millrace bench model ended early');
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  /** `{tokens, wall_seconds, cpu_seconds}` */
  round(test) {
    this.process.stdin.write(test.prompt > 0 ? `prefill ${test.prompt}\n` : `decode ${test.sequences} ${test.steps}\n`);
    return this.answer();
  }

  async end() {
    const exit = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.stdin.end('exit\n');
    await exit;
  }
}
