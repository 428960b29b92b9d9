"""What greets."""

from __future__ import annotations

WELCOME_PROMPT = {
    "data": [
        {
            "id": 5,
            "date": "2025-03-03",
            "prompt_message": "Last week's standout asset was ES. What trading strategies could "
            "you develop to better capitalize on similar market conditions?",
            "group_id": 1,
            "trader_id": None,
            "prompt_type": "weekly",
            "product_symbol": "ES",
        }
    ],
    "meta": {"date": "2025-03-03", "group_id": 1, "trader_id": 24},
}
