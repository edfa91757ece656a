export interface Calls {
  cancel(request: { runId: number }): Promise<void>;
}

export async function work(): Promise<number> {
  return 1;
}

export class Host {
  async stop(): Promise<void> {
    await work();
  }
}
