// The tasks of definitions/order-fulfilment.json:
//   npm run joinery -- run packages/examples/definitions/order-fulfilment.json --tasks packages/examples/tasks/order-fulfilment.mjs
import { defineTask, RetryableError, TerminalError } from '@joinery/worker';
import { z } from 'zod';

const item = z.object({ sku: z.string(), price: z.number(), quantity: z.int().min(1) });

/** An order that no retry can mend is refused at once. */
export const checkOrder = defineTask({
  type: 'check_order',
  input: z.object({ order: z.string(), items: z.array(item) }),
  run: ({ order, items }) => {
    if (items.length === 0) throw new TerminalError(`order ${order} is empty`);
    return { amount: items.reduce((sum, { price, quantity }) => sum + price * quantity, 0) };
  },
});

export const reserveStock = defineTask({
  type: 'reserve_stock',
  input: z.object({ items: z.array(item) }),
  run: ({ items }) => ({ reserved: items.map(({ sku }) => sku) }),
});

/** The bank is busy at first. The idempotency key is the same for every attempt: nobody is charged twice. */
export const chargeCard = defineTask({
  type: 'charge_card',
  input: z.object({ order: z.string(), amount: z.number() }),
  run: ({ order, amount }, { attempt, idempotencyKey, logger }) => {
    if (attempt === 1) throw new RetryableError({ message: 'the bank is busy' });
    logger.info({ event: 'card.charged', order, amount }, 'a card was charged');
    return { payment: idempotencyKey };
  },
});

const shipBy = (type, carrier) =>
  defineTask({
    type,
    input: z.object({ order: z.string() }),
    run: ({ order }) => ({ order, carrier }),
  });

export const shipExpress = shipBy('ship_express', 'a courier');
export const shipStandard = shipBy('ship_standard', 'the post');

export const sendInvoice = defineTask({
  type: 'send_invoice',
  input: z.object({ order: z.string(), amount: z.number(), payment: z.string() }),
  run: ({ order, amount, payment }) => ({
    invoice: `${order}: ${amount} EUR, paid with ${payment}`,
  }),
});
