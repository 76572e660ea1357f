export interface Toast {
	readonly id: number;
	readonly kind: 'done' | 'problem';
	readonly text: string;
	/** Offered as a button; the message goes away when it is chosen. */
	readonly action: ToastAction | undefined;
}

interface ToastAction {
	readonly label: string;
	readonly run: () => void;
}

const SHOWN_MS = { done: 4000, problem: 9000 };
/** Deciding takes longer than reading. */
const SHOWN_WITH_ACTION_MS = 12_000;

/** Short messages in the corner, which go away by themselves. */
class ToastStore {
	#toasts: readonly Toast[] = [];
	#nextId = 1;
	readonly #listeners = new Set<() => void>();

	show(kind: Toast['kind'], text: string, action?: ToastAction): void {
		const toast = { id: this.#nextId++, kind, text, action };
		this.#set([...this.#toasts.slice(-2), toast]);
		setTimeout(() => this.dismiss(toast.id), action ? SHOWN_WITH_ACTION_MS : SHOWN_MS[kind]);
	}

	dismiss(id: number): void {
		this.#set(this.#toasts.filter((toast) => toast.id !== id));
	}

	readonly subscribe = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};

	readonly snapshot = (): readonly Toast[] => this.#toasts;

	#set(toasts: readonly Toast[]): void {
		this.#toasts = toasts;
		for (const listener of this.#listeners) listener();
	}
}

export const toasts = new ToastStore();
