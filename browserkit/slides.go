package browserkit

// The words of the guides. What they say of numbers is told by findings.

func storyGuide() guide {
	return guide{title: "roundtrip: the story", slides: []slide{
		{"Money that goes round", []part{
			says("This database holds reported deals between AI companies: who puts money into whom, who promises to buy what from whom, with dates, states and sources. This guide walks through what the deals of December 2025 look like. A loop is a structural round trip of reported amounts; it judges nobody."),
			says("A click on a statement puts it into the editor, its play button runs it. First, the colours and captions; and draw only what a statement returns, because between two companies there are more relationships than those of one day."),
			button("Load the style", "style BASE"+StyleFile),
			button("Draw only what is returned", "config autoComplete: false"),
			says("What a caption shows: $38.0bn signed is the amount and its state on that day. Arrows point the way value moves. Orange puts money in, blue pays."),
		}},
		{"The model", []part{
			{model: true},
			says("Between companies lies one relationship for each leg and each state that it had. known_from and known_to bound the days of a state; rev_to above 9e18 leaves out what a later import replaced; grouped legs are those between ultimate parents, unit legs those that the reports name. Amounts are whole US cents; an unknown amount is absent, never zero."),
			runs("map"),
		}},
		{"Amazon and OpenAI", []part{
			says("On 16 December 2025 Amazon was reported to be in talks to invest in OpenAI, six weeks after OpenAI had promised it a large sum for computing."),
			runs("amazon-openai-drawn"),
			says("How much of the promise would that fund?"),
			runs("amazon-openai"),
			finds("amazon-openai"),
		}},
		{"Who funds the rest?", []part{
			says("All promises of OpenAI known that day, with what the payee's own group puts into OpenAI."),
			runs("openai-promises"),
			finds("openai-promises"),
			runs("openai-promises-drawn"),
			says("When money fills promises in order of date, whoever it comes from:"),
			finds("fifo"),
			shell("roundtrip analyze coverage --as-of " + storyDay + " --buyer openai --rule fifo"),
		}},
		{"The loops", []part{
			says("Companies joined by money, none visited twice, back to the start. The bottleneck is the least amount on the way: what can go all the way round."),
			runs("loops"),
			finds("loops"),
			runs("largest-loop"),
			says("Those through Amazon and OpenAI with a known bottleneck:"),
			runs("amazon-loops"),
		}},
		{"Vendors that pay their customers", []part{
			runs("pairs"),
			finds("pairs"),
			runs("pairs-drawn"),
			says("By vendor: how much of what it is to be paid it puts in itself."),
			runs("financed-bookings"),
			finds("financed-bookings"),
		}},
		{"Without counting a dollar twice", []part{
			says("Loops share their legs, so their amounts must not be added up. The largest circulation counts each dollar once; it is a linear programme, which Cypher cannot solve."),
			finds("circularity"),
			shell("roundtrip analyze circularity --as-of " + storyDay),
			says("What Cypher can show is what goes in and out of each company:"),
			runs("gross-flows"),
		}},
		{"Who depends on whom", []part{
			says("On whom a customer depends for computing:"),
			runs("shares"),
			finds("shares"),
			says("On whom a vendor depends, with the shares that vendors report themselves:"),
			runs("shares-of-vendors"),
			finds("shares-of-vendors"),
		}},
		{"Who falls when one stops paying?", []part{
			says("Whom OpenAI is to pay, and what share of their known receipts that is:"),
			runs("hangs-on-openai"),
			says("How a stop would spread from there is computed by the program:"),
			finds("contagion"),
			shell("roundtrip analyze contagion --as-of " + storyDay + " --firm openai"),
		}},
		{"On your own", []part{
			says("Change the name of the company in the first line."),
			runs("around"),
			runs("leg"),
			runs("nvidia-to-oracle"),
			says("Ten questions, each with its Cypher, are in the second guide."),
			button("Open the questions", "guide BASE"+QuestionsFile),
		}},
	}}
}

func questionsGuide() guide {
	return guide{title: "roundtrip: the questions", slides: []slide{
		{"How much of OpenAI's promise to Amazon is funded, and by whom?", []part{runs("amazon-openai"), finds("amazon-openai"), runs("amazon-openai-drawn"), says("Who funds the rest:"), runs("openai-promises"), finds("openai-promises")}},
		{"What comes home?", []part{runs("pairs"), finds("pairs"), runs("pairs-drawn")}},
		{"Which are the biggest loops?", []part{runs("loops"), finds("loops"), runs("largest-loop")}},
		{"How circular is the sector, without counting a dollar twice?", []part{
			says("The largest circulation and the largest flow that can come home are not to be had in Cypher; the program finds them:"),
			finds("circularity"), shell("roundtrip analyze circularity --as-of " + storyDay),
			finds("recycling"), shell("roundtrip analyze recycling --as-of " + storyDay),
			says("What Cypher can show is what goes in and out of each company, which bounds both:"),
			runs("gross-flows"),
		}},
		{"Who has leverage over whom, and does a stand-off hold?", []part{
			runs("leverage-pairs"), finds("leverage-pairs"),
			says("A stand-off holds where a customer has several vendors of a tenth or more, could do without any one of them, and one of them funds it. The power of each vendor, which the program adds, is not in Cypher."),
			runs("standoff-facts"), finds("standoff"),
			shell("roundtrip analyze standoff --as-of " + storyDay),
		}},
		{"Is Trainium used by independents?", []part{runs("trainium"), finds("trainium"), runs("trainium-drawn"), runs("chip")}},
		{"How much of it is low-margin training?", []part{runs("training"), finds("training")}},
		{"What became of the headlines after two years?", []part{
			says("Each leg with what was announced and what is known to have been paid; by year, with the test after 24 months, in the program."),
			runs("headlines"), finds("realisation"),
			shell("roundtrip analyze realisation --as-of " + lateDay + " --by year"),
		}},
		{"Who falls if OpenAI stops paying?", []part{
			runs("hangs-on-openai"),
			says("How the loss spreads is a computation that Cypher does not do:"),
			finds("contagion"), shell("roundtrip analyze contagion --as-of " + storyDay + " --firm openai"),
			says("Whose bookings it would take along, by vendor:"), runs("financed-bookings"),
		}},
		{"How does a new vendor change the leverage?", []part{
			says("A what-if is never written to the database, so the program compares before and after. Before is to be had in Cypher:"),
			runs("openai-vendors"), finds("openai-vendors"),
			finds("vendors-with-trainium"),
			shell("roundtrip compare vendors --scenario amazon-closes-with-trainium --basis signed"),
			finds("standoff-with-trainium"),
			shell("roundtrip compare standoff --scenario amazon-closes-with-trainium --basis signed"),
		}},
		{"What changed since December 2025?", []part{
			says("Legs that are new or stand otherwise on " + lateDay + " than on " + storyDay + "; loops and shares that changed with them are in the program."),
			runs("changed"), finds("changes"),
			shell("roundtrip analyze changes --from " + storyDay + " --to " + lateDay),
		}},
		{"How sure is any of this?", []part{
			says("How far the low and high ends of reported amounts lie apart, and how many legs have no amount. The program draws both at random: each leg comes true with the probability of its state, its amount lies between the ends."),
			runs("bounds"), finds("spread"),
			shell("roundtrip analyze circularity --as-of " + lateDay + " --draws 1000 --seed 1"),
		}},
	}}
}
