/** How each class of legs reads and looks. The colours are in app.css, as --class-FUNDS and so on. */
export interface ClassLook {
  name: string;
  verb: string;
  meaning: string;
}

export const classes: ClassLook[] = [
  { name: 'FUNDS', verb: 'funds', meaning: 'capital that the payee can spend' },
  { name: 'PAYS', verb: 'pays', meaning: 'payment for something' },
  { name: 'ACQUIRES', verb: 'buys ownership in', meaning: 'price of ownership, paid to sellers' },
  { name: 'GRANTS', verb: 'grants equity to', meaning: 'equity claims given, no cash' },
  { name: 'BACKS', verb: 'stands behind', meaning: 'credit support, contingent' },
  { name: 'SUPPLIES', verb: 'supplies', meaning: 'goods, chips or chip-hours, no money' },
];

export function verb(cls: string): string {
  return classes.find((c) => c.name === cls)?.verb ?? cls.toLowerCase();
}
