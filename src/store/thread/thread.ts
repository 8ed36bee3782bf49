import { Worker } from 'node:worker_threads';
import { UndertoneError } from '../../errors.ts';
import type { AlertHandling, AuditEntry, CallFilter, Correction, KeptAnalysis, Role } from '../../protocol/index.ts';
import { isPostgres } from '../open.ts';
import type { AnalysisResult, KeptDelivery, Store, StoreItem } from '../store.ts';
import { errorOf, type Method, packItems, type Reply, type Request, type ThreadSetup } from './messages.ts';

interface Asked {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** How long the thread may take to end after it has closed the database, ms. */
const EXIT_MS = 2_000;

/** The store in a thread of its own: neither the disk nor the parsing of events holds who asks. */
export class StoreThread implements Store {
  readonly kind: Store['kind'];
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  readonly #gone: Promise<void>;
  #id = 0;
  #closing = false;
  #ended = false;

  /** @throws UndertoneError as `openStore` */
  static async open(url: string): Promise<StoreThread> {
    const thread = new StoreThread(url);
    try {
      await new Promise((resolve, reject) => thread.#asked.set(0, { resolve, reject }));
    } catch (error) {
      await thread.#worker.terminate();
      throw error;
    }
    return thread;
  }

  private constructor(url: string) {
    this.kind = isPostgres(url) ? 'postgres' : 'sqlite';
    const workerData: ThreadSetup = { url };
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { workerData });
    this.#worker.on('message', (reply: Reply) => this.#answer(reply));
    this.#worker.on('error', () => {});
    this.#gone = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#end();
        resolve();
      });
    });
  }

  write(items: readonly StoreItem[]): Promise<void> {
    const batch = packItems(items);
    return this.#send((id) => ({ id, method: 'write', batch }), [batch.bytes.buffer]) as Promise<void>;
  }

  calls(filter: CallFilter, roles?: readonly Role[]) {
    return this.#ask('calls', filter, roles);
  }

  call(callId: string) {
    return this.#ask('call', callId);
  }

  summary(callId: string) {
    return this.#ask('summary', callId);
  }

  timeline(callId: string, analysisId?: string) {
    return this.#ask('timeline', callId, analysisId);
  }

  points(callId: string, analysisId?: string) {
    return this.#ask('points', callId, analysisId);
  }

  day(date: string, utcOffsetMinutes: number, roles?: readonly Role[]) {
    return this.#ask('day', date, utcOffsetMinutes, roles);
  }

  recordings(callId?: string) {
    return this.#ask('recordings', callId);
  }

  alert(alertId: string) {
    return this.#ask('alert', alertId);
  }

  handleAlert(alertId: string, handling: AlertHandling) {
    return this.#ask('handleAlert', alertId, handling);
  }

  correct(correction: Correction) {
    return this.#ask('correct', correction);
  }

  removeCorrection(correctionId: string, by: string) {
    return this.#ask('removeCorrection', correctionId, by);
  }

  corrections(callId?: string) {
    return this.#ask('corrections', callId);
  }

  addAnalysis(callId: string, analysis: KeptAnalysis) {
    return this.#ask('addAnalysis', callId, analysis);
  }

  finishAnalysis(analysisId: string, result: AnalysisResult) {
    return this.#ask('finishAnalysis', analysisId, result);
  }

  eraseCall(callId: string, by: string) {
    return this.#ask('eraseCall', callId, by);
  }

  eraseCaller(key: string, value: string, by: string) {
    return this.#ask('eraseCaller', key, value, by);
  }

  eraseBefore(endedBeforeMs: number) {
    return this.#ask('eraseBefore', endedBeforeMs);
  }

  audit(limit: number) {
    return this.#ask('audit', limit);
  }

  note(entry: AuditEntry, callId?: string) {
    return this.#ask('note', entry, callId);
  }

  setting(key: string) {
    return this.#ask('setting', key);
  }

  setSetting(key: string, value: string) {
    return this.#ask('setSetting', key, value);
  }

  keepDelivery(delivery: KeptDelivery) {
    return this.#ask('keepDelivery', delivery);
  }

  deliveries(state: 'waiting' | 'dead', limit?: number) {
    return this.#ask('deliveries', state, limit);
  }

  removeDelivery(deliveryId: string) {
    return this.#ask('removeDelivery', deliveryId);
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#closing = true;
    // A thread that fails on the way is gone, too.
    await this.#ask('close').catch(() => {});
    this.#ended = true;
    const timer = setTimeout(() => void this.#worker.terminate(), EXIT_MS);
    await this.#gone;
    clearTimeout(timer);
  }

  #ask<M extends Method>(method: M, ...args: Parameters<Store[M]>): ReturnType<Store[M]> {
    return this.#send((id) => ({ id, method, args })) as ReturnType<Store[M]>;
  }

  #send(request: (id: number) => Request, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#reason());
    this.#id += 1;
    const id = this.#id;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage(request(id), transfer);
    });
  }

  #answer(reply: Reply): void {
    const asked = this.#asked.get(reply.id);
    this.#asked.delete(reply.id);
    if ('error' in reply) asked?.reject(errorOf(reply.error));
    else asked?.resolve(reply.result);
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#asked.values()) reject(this.#reason());
    this.#asked.clear();
  }

  #reason(): UndertoneError {
    return new UndertoneError('store-unavailable', {
      detail: this.#closing ? 'it is closed' : 'its thread has failed',
    });
  }
}
