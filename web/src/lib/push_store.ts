/**
 * What this browser keeps of the devices that it is: one for each person and service. The private key is stored as it
 * is, and cannot be read out. The page and the worker open the same database.
 */
export interface Device {
  factor: string;
  pair: CryptoKeyPair;
  public_key: string;
  /** Of the subscription that the server knows, and the key that it was subscribed with. */
  endpoint: string;
  server_key: string;
}

const kDatabase = "countersign";
const kStore = "devices";

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(kDatabase, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(kStore, { keyPath: "factor" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no storage"));
  });
}

async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(kStore, mode);
      const request = work(transaction.objectStore(kStore));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("not stored"));
    });
  } finally {
    database.close();
  }
}

/** None where nothing may be stored: then this browser is no device. */
export async function devicesHere(): Promise<Device[]> {
  try {
    return await within<Device[]>("readonly", (store) => store.getAll());
  } catch {
    return [];
  }
}

export async function keep(device: Device): Promise<void> {
  await within("readwrite", (store) => store.put(device));
}

export async function forget(factor: string): Promise<void> {
  await within("readwrite", (store) => store.delete(factor));
}
